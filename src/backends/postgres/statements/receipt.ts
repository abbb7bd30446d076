/**
 * A receipt names a copy by its place in the queue's index, and the delivery by its number: it is stale
 * once the copy was leased again, released (nobody holds it then) or removed.
 */
import { bigints, texts } from '../arrays.js';
import { isKeyed } from '../planner.js';
import type { Value } from '../statement.js';

export interface Held {
  readonly endpoint: string;
  readonly receipt: Receipt;
}

export interface Receipt {
  readonly due: number;
  readonly copy: number;
  readonly receives: number;
}

export function receiptText({ due, copy, receives }: Receipt): string {
  return `${due}.${copy}.${receives}`;
}

/** Null for what is no receipt of ours: it holds nothing. */
export function readReceipt(text: string): Receipt | null {
  const [due, copy, receives, ...more] = text.split('.').map(Number);
  if (due === undefined || copy === undefined || receives === undefined) return null;
  const isWhole = [due, copy, receives].every((part) => Number.isSafeInteger(part) && part >= 0);
  return isWhole && more.length === 0 ? { due, copy, receives } : null;
}

export function copyKey({ receipt }: Held): string {
  return `copy ${receipt.copy}`;
}

/** Four columns: endpoint, due, copy, receives. */
export function bindHeld(ops: readonly Held[]): Value[] {
  return [
    texts(ops.map(({ endpoint }) => endpoint)),
    bigints(ops.map(({ receipt }) => receipt.due)),
    bigints(ops.map(({ receipt }) => receipt.copy)),
    bigints(ops.map(({ receipt }) => receipt.receives)),
  ];
}

/** The copy of queue row `q` is the one that operation `a` holds. */
export const holds = `${isKeyed('q', 'a', ['endpoint', 'due', 'copy'])}
  and q.receives = a.receives and q.holder is not null`;

/** The same in a subquery. */
export const isHeld = `q.endpoint = a.endpoint and q.due = a.due and q.copy = a.copy
  and q.receives = a.receives and q.holder is not null`;

/** The operations of `bindHeld`, with columns of one's own behind them. */
export function asked(...more: readonly string[]): string {
  const own = more.map((type, at) => `, $${at + 5}::${type.split(' ')[1]}[]`).join('');
  const names = more.map((column) => `, ${column.split(' ')[0]}`).join('');
  return `unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]${own})
    with ordinality as a(endpoint, due, copy, receives${names}, n)`;
}
