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

export interface Send {
  readonly packed: readonly PackedMessage[];
  readonly delayMs: number;
}

export const sendSql = `with ${clock}, queued as (
    ${insertRows} from ${queueRows(1)}, clock
  )
  select now from clock`;

/** Queues messages; hands over those that somebody here waits for. */
export function sendStatement(handOver: HandOver): Statement<Send, void> {
  const calls = new WeakMap<Send, { readonly rows: QueueRow[]; readonly claim: Claim }>();
  return {
    name: 'send',
    sql: sendSql,
    weigh: ({ packed }) => packed.reduce((sum, { bytes }) => sum + bytes.length, 0),
    bind: (ops) => {
      const claim = new Claim();
      const rows = ops.flatMap(({ packed, delayMs }) =>
        packed.map((one) => handOver.plan(one, delayMs, claim)),
      );
      if (ops[0]) calls.set(ops[0], { rows, claim });
      return bindRows(rows);
    },
    read: (ops, answer) => {
      const call = ops[0] && calls.get(ops[0]);
      if (call) {
        handOver.queued(call.rows, Number(answer[0]?.[0]));
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
