import type { PendingEntry, Slot } from '../../../engine/ports.js';
import { bigints, doubles, texts } from '../arrays.js';
import { unescapeText, unpackHex } from '../records.js';
import type { Statement } from '../statement.js';

export interface PendingPage {
  readonly endpoint: string;
  readonly olderThan: number;
  /** The last message id, or the last key, of the page before; null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** Entries that are not dispatched, in the order of their message ids. */
export const pendingEntries: Statement<PendingPage, readonly PendingEntry[]> = {
  name: 'pending-entries',
  sql: `select a.n, p.* from unnest($1::text[], $2::float8[], $3::text[], $4::bigint[])
      with ordinality as a(endpoint, older_than, after, most, n)
    cross join lateral (
      select key, message_id, step, worker, committed_at from entries
      where endpoint = a.endpoint and message_id >= coalesce(a.after, '')
        and message_id is distinct from a.after and committed_at < a.older_than
      order by message_id limit a.most
    ) p`,
  bind: bindPages,
  read: (ops, rows) => {
    const found: PendingEntry[][] = ops.map(() => []);
    for (const [n, key, messageId, step, worker, committedAt] of rows) {
      const at = Number(n) - 1;
      found[at]?.push({
        endpoint: ops[at]?.endpoint ?? '',
        key: unescapeText(key ?? ''),
        messageId: unescapeText(messageId ?? ''),
        step: step === 'checked' ? 'checked' : 'committed',
        worker: unescapeText(worker ?? ''),
        committedAt: Number(committedAt),
        cursor: `e/${unescapeText(messageId ?? '')}`,
      });
    }
    return found;
  },
};

/** Taken slots, in the order of their entities' keys. The time of a slot lies within it. */
export const pendingSlots: Statement<PendingPage, readonly PendingEntry[]> = {
  name: 'pending-slots',
  sql: `select a.n, e.* from unnest($1::text[], $2::float8[], $3::text[], $4::bigint[])
      with ordinality as a(endpoint, older_than, after, most, n)
    cross join lateral (
      select key, slot from entities
      where endpoint = a.endpoint and slot is not null and key >= coalesce(a.after, '')
        and key is distinct from a.after
      order by key limit a.most
    ) e`,
  bind: bindPages,
  read: (ops, rows) => {
    const found: PendingEntry[][] = ops.map(() => []);
    for (const [n, key, slot] of rows) {
      const at = Number(n) - 1;
      const { messageId, worker, committedAt } = unpackHex<Slot>(slot ?? '');
      found[at]?.push({
        endpoint: ops[at]?.endpoint ?? '',
        key: unescapeText(key ?? ''),
        messageId,
        step: 'slot',
        worker,
        committedAt,
        cursor: `s/${unescapeText(key ?? '')}`,
      });
    }
    return found;
  },
};

function bindPages(ops: readonly PendingPage[]) {
  return [
    texts(ops.map(({ endpoint }) => endpoint)),
    doubles(ops.map(({ olderThan }) => olderThan)),
    texts(ops.map(({ after }) => after)),
    bigints(ops.map(({ limit }) => limit)),
  ];
}
