import { bigints } from '../arrays.js';
import { byPosition, type Statement } from '../statement.js';
import { clock } from './clock.js';
import { asked, bindHeld, copyKey, type Held, holds } from './receipt.js';

export interface Extension extends Held {
  readonly visibilityMs: number;
}

/** Prolongs the lease, from now; false when the receipt is stale. */
export const extend: Statement<Extension, boolean> = {
  name: 'extend',
  sql: `with ${clock}
    update queue q set leased_until = clock.now + a.visibility
    from ${asked('visibility bigint')}, clock
    where ${holds}
    returning a.n`,
  keysOf: (op) => [copyKey(op)],
  bind: (ops) => [...bindHeld(ops), bigints(ops.map((op) => Math.ceil(op.visibilityMs * 1000)))],
  read: (ops, rows) => byPosition(ops, rows).map((row) => row !== undefined),
};
