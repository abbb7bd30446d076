/** An audit's verdict in one sentence, the same in every report. */
import type { AuditVerdict } from './evidence-files.js';

const number = (count: number) => count.toLocaleString('en-US');

/**
 * "audit clean: 45,000 handled, nothing lost, applied twice or leaked; 118 redelivered", or what was
 * violated. `null`, for a run with `audit: off`, reads "not audited".
 */
export function verdictText(verdict: AuditVerdict | null): string {
  if (verdict === null) return 'not audited';
  const beside = besideText(verdict);
  const handled = `${number(verdict.handled)} handled`;
  if (!verdict.clean) return `audit VIOLATED: ${violatedText(verdict)}; ${handled}${beside}`;
  const nothing = verdict.lossDecided
    ? 'nothing lost, applied twice or leaked'
    : 'nothing applied twice or leaked; cut short, so losses are undecided';
  return `audit clean: ${handled}, ${nothing}${beside}`;
}

function violatedText(verdict: AuditVerdict): string {
  const kinds: readonly (readonly [number, string])[] = [
    [verdict.lost, 'lost'],
    [verdict.doubled, 'applied twice'],
    [verdict.leaked, 'leaked'],
    [verdict.contradicting, 'contradicting'],
    [verdict.unbounded, 'left behind'],
  ];
  const found = kinds.filter(([count]) => count > 0);
  return found.map(([count, name]) => `${number(count)} ${name}`).join(', ');
}

function besideText(verdict: AuditVerdict): string {
  const kinds: readonly (readonly [number, string])[] = [
    [verdict.redelivered, 'redelivered'],
    [verdict.pending, 'pending'],
    [verdict.deadLettered, 'dead-lettered'],
    [verdict.discarded, 'discarded'],
    [verdict.orphans, 'orphaned payloads'],
  ];
  const there = kinds.filter(([count]) => count > 0);
  return there.length === 0
    ? ''
    : `; ${there.map(([count, name]) => `${number(count)} ${name}`).join(', ')}`;
}
