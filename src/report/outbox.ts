/** Renders what is stuck. */
import type { Operation } from '../operate/operation.js';
import type { StuckEntry, StuckPage, StuckQuery } from '../operate/outbox/stuck.js';
import { ageCell, soonCell } from './ages.js';
import { coverageWarnings } from './coverage.js';
import type { ResultOf } from './documents/table.js';
import { formatCount, formatDuration, plural } from './format.js';
import type { Cell } from './output.js';

/** `outbox list`. */
export function stuckResult(
  operation: Pick<Operation, 'name'>,
  page: StuckPage,
  query: StuckQuery,
  olderThanMs: number,
  now: number,
): ResultOf<'outbox.list'> {
  const { entries, next, total, exact, coverage } = page;
  const columns = [
    { name: 'message' },
    { name: 'endpoint' },
    { name: 'step' },
    { name: 'age', align: 'right' as const },
    { name: 'entity' },
    { name: 'committed by' },
    { name: 'now' },
    { name: 'comes again', align: 'right' as const },
  ];
  return {
    name: 'outbox.list',
    data: entries,
    about: {
      deployment: operation.name,
      query,
      page: { next, truncated: next !== null, total, exact },
      coverage,
    },
    text: `${headline(page, olderThanMs)}\n`,
    table: {
      columns,
      rows: entries.map((entry) => rowOf(entry, now)),
      empty: 'nothing is stuck',
    },
    ids: entries.map(({ messageId }) => messageId),
    warnings: coverageWarnings(coverage),
  };
}

function headline({ entries, total, exact }: StuckPage, olderThanMs: number): string {
  const all = `${exact ? '' : 'at least '}${plural(total, 'entry', 'entries')}`;
  const what = `${all} undispatched for longer than ${formatDuration(olderThanMs)}`;
  return entries.length < total ? `${what}; the oldest ${formatCount(entries.length)}:` : what;
}

function rowOf(entry: StuckEntry, now: number): readonly Cell[] {
  const { messageId, endpoint, step, committedAt, key, worker, redeliveredAt } = entry;
  return [
    messageId,
    endpoint,
    step,
    ageCell(committedAt, now),
    key,
    worker,
    whereabouts(entry, now),
    soonCell(redeliveredAt, now),
  ];
}

function whereabouts({ holder, copies }: StuckEntry, now: number): string {
  if (holder === 'unknown') return 'not known';
  if (holder) {
    const left = formatDuration(Math.max(0, holder.leaseEnd - now));
    return `${holder.worker ?? 'somebody'} has it for ${left}`;
  }
  if (copies.length === 0) return 'no message left';
  if (copies.includes('dead')) return 'dead letter';
  return copies.includes('in-flight') ? 'its worker is gone' : (copies[0] ?? '');
}
