/** What `oncectl worker` says while it works: a line now and then, and failures as they come. */
import type { WorkFailure } from '../deployment/work.js';
import type { OncectlError } from '../engine/errors.js';
import { backendText } from '../profile/backends.js';
import type { Profile } from '../profile/types.js';
import { formatCount, formatRate, plural } from './format.js';

/** Failures of one kind are not told more often than this, so that a storm of them stays readable. */
const failureEveryMs = 1000;
const unreceivedEveryMs = 30_000;

export class WorkLines {
  readonly #write: (text: string) => void;
  #last = { at: performance.now(), handled: 0 };
  readonly #unreceivedAt = new Map<string, number>();
  #failures = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  started(name: string, { deployment }: Profile, endpoints: readonly string[]): void {
    const count = endpoints.length || deployment.endpoints.length;
    const where = `"${deployment.namespace}" on ${backendText(deployment)}`;
    this.#write(`${name}: ${plural(count, 'endpoint')} of ${where}; Ctrl-C stops it\n`);
  }

  tick(handled: number, inFlight: number, now = performance.now()): void {
    const seconds = Math.max(0.001, (now - this.#last.at) / 1000);
    const rate = formatRate((handled - this.#last.handled) / seconds);
    this.#last = { at: now, handled };
    this.#write(`${rate}/s handled, ${formatCount(handled)} in all, ${inFlight} in flight\n`);
  }

  failed({ endpoint, messageId, error, what }: WorkFailure, now = performance.now()): void {
    this.#failures++;
    if (now - this.#toldAt < failureEveryMs) return;
    const more = this.#failures > 1 ? ` (and ${this.#failures - 1} more)` : '';
    const then = what === 'dead' ? 'now a dead letter' : 'it is tried again';
    this.#write(`${endpoint}: ${messageId} failed, ${then}: ${error.message}${more}\n`);
    this.#failures = 0;
    this.#toldAt = now;
  }

  /** Told at once, and then now and then for as long as it lasts. */
  unreceived(endpoint: string, error: OncectlError, now = performance.now()): void {
    if (now - (this.#unreceivedAt.get(endpoint) ?? Number.NEGATIVE_INFINITY) < unreceivedEveryMs)
      return;
    this.#unreceivedAt.set(endpoint, now);
    this.#write(`${endpoint}: nothing can be received, it is tried again: ${error.message}\n`);
  }

  stopping(inFlight: number): void {
    this.#write(`stopping: ${inFlight} in flight are finished first\n`);
  }
}
