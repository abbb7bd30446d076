import type { CommitRecord } from '../../../engine/ports.js';
import { bigints } from '../arrays.js';
import { unpackHex } from '../records.js';
import { nothing, type Statement } from '../statement.js';

export interface Taken {
  readonly position: number;
  readonly record: CommitRecord;
}

/**
 * The oldest commit records that are committed. One with a lower position may become visible later: it
 * is taken then, for only what was taken is dropped.
 */
export const takeRecords: Statement<number, readonly Taken[]> = {
  name: 'take-records',
  sql: `select position, record from journal order by position limit ($1::bigint[])[1]`,
  keysOf: () => ['journal'],
  bind: (ops) => [bigints(ops)],
  read: (ops, rows) =>
    ops.map(() =>
      rows.map(([position, record]) => ({
        position: Number(position),
        record: unpackHex<CommitRecord>(record ?? ''),
      })),
    ),
};

export const dropRecords: Statement<readonly number[], void> = {
  name: 'drop-records',
  sql: `delete from journal where position = any($1::bigint[])`,
  bind: (ops) => [bigints(ops.flat())],
  read: nothing,
};
