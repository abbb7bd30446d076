/** What an answer did not look at, as its warnings. */
import type { Coverage } from '../operate/outbox/stuck.js';

export function coverageWarnings(coverage: readonly Coverage[]): readonly string[] {
  return coverage.map(({ endpoint, store, why }) => `${endpoint}, ${store}: ${why}`);
}
