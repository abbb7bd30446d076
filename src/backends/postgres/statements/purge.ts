/**
 * What outlived its retention, in small batches: a long delete would hold its locks, and keep vacuum
 * from what it deleted, for as long as it runs. Each takes the oldest by the index on the time.
 */
import { bigints, doubles } from '../arrays.js';
import type { Statement } from '../statement.js';

export interface Purge {
  /** For dispatched entries: how long they are kept, ms. */
  readonly retentionMs: number;
  readonly most: number;
}

/** Resolves with the number of removed rows. */
function purge(name: string, table: string, time: string): Statement<Purge, number> {
  return {
    name,
    sql: `with overdue as materialized (
        select t.ctid as row from ${table} t
        where t.${time} <= extract(epoch from statement_timestamp())::float8 * 1000 - ($1::float8[])[1]
        order by t.${time} limit ($2::bigint[])[1]
        for update skip locked
      ), removed as (
        delete from ${table} t using overdue o where t.ctid = o.row returning 1
      )
      select count(*) from removed`,
    keysOf: () => [name],
    bind: (ops) => [
      doubles(ops.map(({ retentionMs }) => retentionMs)),
      bigints(ops.map(({ most }) => most)),
    ],
    read: (ops, rows) => ops.map(() => Number(rows[0]?.[0] ?? 0)),
  };
}

export const purgeDispatched = purge('purge-dispatched', 'dispatched', 'dispatched_at');
export const purgeDedupe = purge('purge-dedupe', 'dedupe', 'expires');
export const purgeEntered = purge('purge-entered', 'entered', 'expires');
