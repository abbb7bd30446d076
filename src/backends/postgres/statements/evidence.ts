/** What the audit reads: whole tables, a page at a time, in the order of their keys. */
import type { BusinessLeftovers, DedupeLeftovers } from '../../../engine/evidence.js';
import { bigints, doubles, texts } from '../arrays.js';
import { unescapeText } from '../records.js';
import type { Row, Statement, Value } from '../statement.js';

/** Key columns of the last row of the page before; null for the first page. */
export type After = readonly string[] | null;

/** Less than any number, and than any endpoint and payload id: none is empty. */
const beforeAll = { bigint: -1, text: '' } as const;

/** Rows of a table behind `after`; `key` columns come first, of the named types. */
function pages(
  name: string,
  table: string,
  key: readonly (readonly [column: string, type: 'text' | 'bigint'])[],
  columns: string,
  condition = 'true',
): Statement<After, readonly Row[]> {
  const names = key.map(([column]) => column).join(', ');
  const parameters = key.map(([, type], at) => `($${at + 1}::${type}[])[1]`).join(', ');
  return {
    name,
    sql: `select ${names}, ${columns} from ${table}
      where (${names}) > (${parameters}) and ${condition}
      order by ${names} limit ${pageSize}`,
    keysOf: () => [name],
    bind: ([after]) =>
      key.map(([, type], at): Value => {
        const value = after?.[at] ?? beforeAll[type];
        return typeof value === 'number' || type === 'bigint'
          ? bigints([Number(value)])
          : texts([unescapeText(value)]);
      }),
    read: (ops, rows) => ops.map(() => rows),
  };
}

export const pageSize = 500;

export const queuePages = pages(
  'queue-pages',
  'queue',
  [
    ['endpoint', 'text'],
    ['due', 'bigint'],
    ['copy', 'bigint'],
  ],
  'message_id, message',
);

export const deadPages = pages(
  'dead-pages',
  'dead',
  [
    ['endpoint', 'text'],
    ['copy', 'bigint'],
  ],
  'message_id, message',
);

export const entityPages = pages(
  'entity-pages',
  'entities',
  [
    ['endpoint', 'text'],
    ['key', 'text'],
  ],
  'version, transaction, state, slot, registry',
  'version > 0',
);

export const entryPages = pages(
  'entry-pages',
  'entries',
  [
    ['endpoint', 'text'],
    ['message_id', 'text'],
  ],
  'payloads',
);

export const payloadPages = pages('payload-pages', 'payloads', [['id', 'text']], 'message_id');

export const businessLeftovers: Statement<{ overdueAt: number }, BusinessLeftovers> = {
  name: 'business-leftovers',
  sql: `select (select count(*) from entries), (select count(*) from dispatched),
    (select count(*) from dispatched where dispatched_at < ($1::float8[])[1]),
    (select count(*) from entities where slot is not null),
    (select count(*) from entities where registry is not null)`,
  keysOf: () => ['leftovers'],
  bind: (ops) => [doubles(ops.map(({ overdueAt }) => overdueAt))],
  read: (ops, rows) => {
    const [entries = 0, dispatchedEntries = 0, overdueEntries = 0, slots = 0, registrations = 0] =
      rows[0]?.map(Number) ?? [];
    const counted = { entries, dispatchedEntries, overdueEntries, slots, registrations };
    return ops.map(() => counted);
  },
};

/** Of both tables: in an island an entry record stands in the place of a dedupe record. */
export const dedupeLeftovers: Statement<{ overdueAt: number }, DedupeLeftovers> = {
  name: 'dedupe-leftovers',
  sql: `select (select count(*) from dedupe) + (select count(*) from entered),
    (select count(*) from dedupe where expires < ($1::float8[])[1])
    + (select count(*) from entered where expires < ($1::float8[])[1])`,
  keysOf: () => ['leftovers'],
  bind: (ops) => [doubles(ops.map(({ overdueAt }) => overdueAt))],
  read: (ops, rows) => {
    const [dedupeRecords = 0, overdueDedupeRecords = 0] = rows[0]?.map(Number) ?? [];
    return ops.map(() => ({ dedupeRecords, overdueDedupeRecords }));
  },
};

/** Bytes on disk of all tables of the schema, their indexes and large values included. */
export const storeBytes: Statement<string, number> = {
  name: 'store-bytes',
  sql: `select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ($1::text[])[1] and c.relkind = 'r'`,
  keysOf: () => ['store-bytes'],
  bind: (ops) => [texts(ops)],
  read: (ops, rows) => ops.map(() => Number(rows[0]?.[0] ?? 0)),
};

/** The server process at the other end of this lane's connection. */
export const serverProcess: Statement<null, number> = {
  name: 'server-process',
  sql: 'select pg_backend_pid()',
  keysOf: () => ['server-process'],
  bind: () => [],
  read: (ops, rows) => ops.map(() => Number(rows[0]?.[0])),
};
