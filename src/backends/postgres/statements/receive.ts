import { bigints, texts } from '../arrays.js';
import type { Row, Statement } from '../statement.js';
import { clock } from './clock.js';

export interface Receive {
  readonly endpoint: string;
  readonly max: number;
  /** No copy that is due before this one's time is looked at; 0 looks at all. */
  readonly from: number;
  readonly visibilityMs: number;
  readonly worker: string;
}

/** due, copy, receives, failures, message. */
export type LeasedRow = Row;

/**
 * Leases up to `max` visible copies for each waiting endpoint, all in one call. Copies that another
 * session is about to lease are skipped; those that are leased lie among the due ones and are passed
 * over, at most as many as all workers have at work. They are found again by their place: it is locked,
 * and one that changed between the look and the lock is not leased this time.
 */
export const receive: Statement<Receive, readonly LeasedRow[]> = {
  name: 'receive',
  sql: `with ${clock}, picked as materialized (
      select a.n, a.visibility, a.worker, found.*
      from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
        with ordinality as a(endpoint, most, first, visibility, worker, n)
      cross join lateral (
        select q.ctid as place from queue q
        where q.endpoint = a.endpoint and q.due >= a.first and q.due <= (select now from clock)
          and q.leased_until <= (select now from clock)
        order by q.due, q.copy limit a.most
        for update skip locked
      ) found
    )
    update queue q set leased_until = (select now from clock) + p.visibility,
      receives = q.receives + 1, holder = p.worker
    from picked p
    where q.ctid = p.place
    returning p.n, q.due, q.copy, q.receives, q.failures, q.message`,
  keysOf: ({ endpoint }) => [`receive ${endpoint}`],
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    bigints(ops.map(({ max }) => max)),
    bigints(ops.map(({ from }) => from)),
    bigints(ops.map(({ visibilityMs }) => Math.ceil(visibilityMs * 1000))),
    texts(ops.map(({ worker }) => worker)),
  ],
  read: (ops, rows) => {
    const found: LeasedRow[][] = ops.map(() => []);
    for (const [n, ...leased] of rows) found[Number(n) - 1]?.push(leased);
    return found;
  },
};
