/** Pages over rows whose keys are `endpoint/id`, of one table or of several taken together. */
import type { Database } from 'lmdb';
import type { PageQuery } from '../../engine/upkeep.js';
import { keyOf, rangeOf } from './records.js';

export interface PageRow {
  readonly id: string;
  readonly value: Buffer;
  /** Which of the tables it lies in. */
  readonly table: number;
}

/**
 * The page in the order of ids; of an id that lies in several tables the row of the first one. Inside
 * one read of their environment.
 */
export function lookPage(
  tables: readonly Database<Buffer, string>[],
  endpoint: string,
  page: PageQuery,
): PageRow[] {
  const rows = tables.flatMap((table, at) => rowsOf(table, at, endpoint, page));
  if (tables.length === 1) return rows;
  const seen = new Set<string>();
  return rows
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .map((row) => ({ row, bytes: Buffer.from(row.id) }))
    .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
    .slice(0, page.limit)
    .map(({ row }) => row);
}

function rowsOf(
  table: Database<Buffer, string>,
  at: number,
  endpoint: string,
  { prefix, after, limit }: PageQuery,
): PageRow[] {
  const { end } = rangeOf(endpoint);
  const exclusiveStart = after !== null;
  const start = keyOf(endpoint, after ?? prefix);
  const begins = keyOf(endpoint, prefix);
  const rows: PageRow[] = [];
  for (const { key, value } of table.getRange({ start, exclusiveStart, end, limit })) {
    if (!key.startsWith(begins)) break;
    rows.push({ id: key.slice(endpoint.length + 1), value, table: at });
  }
  return rows;
}
