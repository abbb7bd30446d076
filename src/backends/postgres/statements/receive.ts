import { bigints, texts } from '../arrays.js';
import type { Row, Statement } from '../statement.js';
import { clock } from './clock.js';
import { isCopy } from './receipt.js';

export interface Receive {
  readonly endpoint: string;
  readonly max: number;
  readonly visibilityMs: number;
  readonly worker: string;
}

/** due, copy, receives, failures, message. */
export type LeasedRow = Row;

/**
 * Leases up to `max` visible copies for each waiting endpoint, all in one call. Copies that another
 * session is about to lease are skipped; those that are leased lie among the due ones and are passed
 * over, at most as many as all workers have at work.
 */
export const receive: Statement<Receive, readonly LeasedRow[]> = {
  name: 'receive',
  sql: `with ${clock}, picked as materialized (
      select a.n, a.visibility, a.worker, found.*
      from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) with ordinality
        as a(endpoint, most, visibility, worker, n)
      cross join lateral (
        select q.endpoint, q.due, q.copy from queue q
        where q.endpoint = a.endpoint and q.due <= (select now from clock)
          and q.leased_until <= (select now from clock)
        order by q.due, q.copy limit a.most
        for update skip locked
      ) found
    )
    update queue q set leased_until = (select now from clock) + p.visibility,
      receives = q.receives + 1, holder = p.worker
    from picked p
    where ${isCopy('q', 'p')}
    returning p.n, q.due, q.copy, q.receives, q.failures, q.message`,
  keysOf: ({ endpoint }) => [`receive ${endpoint}`],
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    bigints(ops.map(({ max }) => max)),
    bigints(ops.map(({ visibilityMs }) => Math.ceil(visibilityMs * 1000))),
    texts(ops.map(({ worker }) => worker)),
  ],
  read: (ops, rows) => {
    const found: LeasedRow[][] = ops.map(() => []);
    for (const [n, ...leased] of rows) found[Number(n) - 1]?.push(leased);
    return found;
  },
};
