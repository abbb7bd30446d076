import { doubles, texts } from '../arrays.js';
import {
  bindRows,
  type HandOver,
  insertRows,
  type PackedMessage,
  type QueueRow,
  queueRows,
} from '../hand-over.js';
import { nothing, type Statement } from '../statement.js';
import { Claim } from '../waiters.js';
import { clock } from './clock.js';

export interface Enter {
  readonly packed: readonly PackedMessage[];
  readonly worker: string;
  readonly retentionMs: number;
}

export const enterSql = `with ${clock}, asked as materialized (
    select * from ${queueRows(1, 'by text', 'retention float8')}
  ), fresh as (
    insert into entered (endpoint, message_id, by, at, expires)
    select endpoint, message_id, by, now / 1000.0, now / 1000.0 + retention
    from asked, clock
    on conflict do nothing
    returning endpoint, message_id
  ), queued as (
    ${insertRows} from asked m, clock
    where ((m.endpoint, m.message_id) in (select endpoint, message_id from fresh)) is true
    returning copy
  )
  select now, copy from queued, clock`;

/** Entry record and queue row together; an id that entered before is passed over. */
export function enterStatement(handOver: HandOver): Statement<Enter, void> {
  const calls = new WeakMap<Enter, { readonly rows: QueueRow[]; readonly claim: Claim }>();
  return {
    name: 'enter',
    sql: enterSql,
    keysOf: ({ packed }) =>
      packed.map(({ message }) => `entered ${message.endpoint}/${message.id}`),
    weigh: ({ packed }) => packed.reduce((sum, { bytes }) => sum + bytes.length, 0),
    bind: (ops) => {
      const claim = new Claim();
      const rows = ops.flatMap(({ packed }) => packed.map((one) => handOver.plan(one, 0, claim)));
      if (ops[0]) calls.set(ops[0], { rows, claim });
      const each = ops.flatMap((op) => op.packed.map(() => op));
      return [
        ...bindRows(rows),
        texts(each.map(({ worker }) => worker)),
        doubles(each.map(({ retentionMs }) => retentionMs)),
      ];
    },
    read: (ops, answer) => {
      const call = ops[0] && calls.get(ops[0]);
      if (call) {
        const copies = new Set(answer.map(([, copy]) => Number(copy)));
        const queued = call.rows.filter(({ copy }) => copies.has(copy));
        handOver.queued(queued, Number(answer[0]?.[0]));
        handOver.settle(call.claim);
      }
      return nothing(ops);
    },
    failed: (ops) => {
      const call = ops[0] && calls.get(ops[0]);
      if (call) handOver.settle(call.claim);
    },
  };
}
