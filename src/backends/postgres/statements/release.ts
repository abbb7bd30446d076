import { bigints, byteas } from '../arrays.js';
import { nothing, type Statement } from '../statement.js';
import { clock } from './clock.js';
import { asked, bindHeld, copyKey, type Held, holds } from './receipt.js';

export interface Release extends Held {
  readonly delayMs: number;
  /** A packed failure, put behind those that the copy has. */
  readonly failure: Buffer | null;
}

/** Ends the lease. Without a delay the copy keeps its place in the queue. */
export const release: Statement<Release, void> = {
  name: 'release',
  sql: `with ${clock}
    update queue q set holder = null, leased_until = 0,
      due = case when a.delay = 0 then q.due else clock.now + a.delay end,
      failures = case when a.failure is null then q.failures
        else coalesce(q.failures, '') || a.failure end
    from ${asked('delay bigint', 'failure bytea')}, clock
    where ${holds}`,
  keysOf: (op) => [copyKey(op)],
  bind: (ops) => [
    ...bindHeld(ops),
    bigints(ops.map(({ delayMs }) => Math.ceil(Math.max(0, delayMs) * 1000))),
    byteas(ops.map(({ failure }) => failure)),
  ],
  read: nothing,
};
