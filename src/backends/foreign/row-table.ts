/**
 * A table in which every row is one message that oncectl may send: what pg-transactional-outbox and a
 * table of one's own have in common.
 *
 * A row is taken with `for no key update`, the lock that pg-transactional-outbox's own listener takes
 * around its handler, and held until it is marked: two of them never send one row side by side. A taker
 * that dies loses its connection, and the server gives the row free (O3).
 */

import { OncectlError } from '../../engine/errors.js';
import type {
  ForeignOutbox,
  ForeignRowDetail,
  ForeignSend,
  Take,
  TakenRow,
} from '../../engine/foreign.js';
import { foreignMessageId } from '../../engine/foreign.js';
import { isNoId } from './errors.js';
import { countRows, type ListedRow, type Listing, listRows } from './listing.js';
import { once } from './once.js';
import type { Sessions, Transaction } from './sessions.js';
import { lookAtTable, requireColumns, type Table, typeOf } from './tables.js';

/** A table as SQL sees it: names of columns are quoted, everything else is an expression. */
export interface RowTable {
  readonly table: Table;
  /** Column of the primary key, and its type. */
  readonly id: { readonly sql: string; readonly type: string };
  readonly createdAt: string;
  /** It is never null. */
  readonly hasAlwaysTime: boolean;
  readonly type: string;
  readonly key: string;
  /** Of type bytea. */
  readonly body: string;
  readonly attempts: string;
  /** Of type text; null for an ordinary row. */
  readonly note: string;
  /** Of type jsonb: an object of texts and nulls. */
  readonly headers: string;
  readonly isDispatched: string;
  /** The row is not ours to take now, although nobody has locked it. */
  readonly isHeld: string;
  /** What an update sets to mark it, and the values that it names as $2 and so on. */
  readonly mark: { readonly set: string; readonly values: readonly string[] };
}

export interface RowTableOptions {
  readonly name: string;
  readonly kind: ForeignOutbox['kind'];
  readonly named: { readonly schema: string; readonly name: string };
  readonly columns: readonly string[];
  /** Who makes the table. */
  readonly writer: string;
  readonly finishing: ForeignOutbox['finishing'];
  /** Errors: `format` for columns of a type that will not do. */
  readonly describe: (table: Table) => RowTable;
}

export function openRowTable(options: RowTableOptions, sessions: Sessions): ForeignOutbox {
  const { name, kind, named, finishing } = options;
  const table = once(async () => {
    const found = await sessions.read((client) => lookAtTable(client, named.schema, named.name));
    return options.describe(requireColumns(found, named, options.columns, options.writer));
  });
  const undispatched = async () => listingOf(await table());
  return {
    name,
    kind,
    table: `${named.schema}.${named.name}`,
    finishing,
    list: async (query) => listRows(sessions, await undispatched(), query),
    count: async (olderThan) => countRows(sessions, await undispatched(), olderThan),
    show: async (id) => showRow(sessions, await table(), id),
    dispatch: {
      take: async (id, observed) => take({ sessions, name, table: await table() }, id, observed),
    },
    close: () => sessions.close(),
  };
}

/** By its type, so that the table's index serves. */
function isRow({ id }: RowTable): string {
  return `${id.sql} = $1::${id.type}`;
}

/** What would be sent: a row that was changed since it was looked at is another one. */
function digestSql({ id, type, key, body }: RowTable): string {
  const texts = `jsonb_build_array(${id.sql}::text, ${type}, ${key})::text`;
  return `encode(sha256(convert_to(${texts}, 'UTF8') || coalesce(${body}, ''::bytea)), 'hex')`;
}

function listingOf(described: RowTable): Listing {
  const { table, id, createdAt, isDispatched, hasAlwaysTime } = described;
  return {
    keys: `select ${id.sql} as own_id, ${id.sql}::text as id, ${createdAt} as created_at
      from ${table.sql} where not (${isDispatched})`,
    details: rowsSql(described, `${id.sql} = picked.own_id`),
    hasAlwaysTime,
  };
}

function rowsSql(described: RowTable, condition: string): string {
  const { table, id, createdAt, type, key, attempts, note } = described;
  return `select ${id.sql}::text as id, ${createdAt} as created_at, 1 as messages, ${type} as about,
    ${key} as key, ${attempts} as attempts, ${note} as note, ${digestSql(described)} as digest
  from ${table.sql} where ${condition}`;
}

async function showRow(
  sessions: Sessions,
  described: RowTable,
  id: string,
): Promise<ForeignRowDetail | null> {
  const { table, body, headers, isDispatched } = described;
  type Shown = ListedRow & {
    readonly created_ms: number | null;
    readonly body: Buffer | null;
    readonly headers: Readonly<Record<string, string | null>>;
    readonly is_dispatched: boolean;
  };
  const found = await sessions
    .read((client) =>
      client.query<Shown>(
        `select r.*, (extract(epoch from r.created_at) * 1000)::float8 as created_ms, t.*
        from (${rowsSql(described, isRow(described))}) r
        cross join (select ${body} as body, ${headers} as headers,
          (${isDispatched}) as is_dispatched
          from ${table.sql} where ${isRow(described)}) t`,
        [id],
      ),
    )
    .catch(nothingForNoId);
  const [row] = found?.rows ?? [];
  if (!row) return null;
  const { about, key, attempts, digest, created_ms: createdAt } = row;
  const shown = { destination: null, body: row.body ?? Buffer.alloc(0) };
  return {
    ...{ id, about, key, attempts, digest, createdAt },
    note: row.is_dispatched ? 'dispatched, or no longer to be' : row.note,
    messages: [{ ...shown, id: row.id, type: about, headers: textsOf(row.headers) }],
  };
}

function textsOf(found: Readonly<Record<string, string | null>>): Record<string, string> {
  const there = Object.entries(found).filter(([, value]) => value !== null);
  return Object.fromEntries(there) as Record<string, string>;
}

function nothingForNoId(error: unknown): null {
  if (error instanceof OncectlError && isNoId(error.cause)) return null;
  throw error;
}

interface Taking {
  readonly sessions: Sessions;
  /** Of the outbox. */
  readonly name: string;
  readonly table: RowTable;
}

interface LockedRow {
  readonly id: string;
  readonly type: string | null;
  readonly key: string | null;
  readonly body: Buffer | null;
  readonly digest: string;
  readonly is_dispatched: boolean;
  readonly is_held: boolean;
}

async function take(taking: Taking, id: string, observed: string | null): Promise<Take> {
  const transaction = await taking.sessions.begin('read write');
  try {
    const state = await lock(taking, transaction, id, observed);
    if (typeof state !== 'string') {
      return { state: 'taken', row: takenRow(taking, transaction, state) };
    }
    await transaction.end('rollback');
    return { state };
  } catch (error) {
    await transaction.end('rollback').catch(() => {});
    if (isNoId(error)) return { state: 'missing' };
    throw taking.sessions.named(error, 'no');
  }
}

/** The row, locked; or why not. */
async function lock(
  { table }: Taking,
  { client }: Transaction,
  id: string,
  observed: string | null,
): Promise<LockedRow | Exclude<Take['state'], 'taken'>> {
  const { rows } = await client.query<LockedRow>(
    `select ${table.id.sql}::text as id, ${table.type} as type, ${table.key} as key,
      ${table.body} as body, ${digestSql(table)} as digest,
      (${table.isDispatched}) as is_dispatched, (${table.isHeld}) as is_held
    from ${table.table.sql} where ${isRow(table)} for no key update skip locked`,
    [id],
  );
  const [row] = rows;
  if (!row) {
    const there = await client.query(`select from ${table.table.sql} where ${isRow(table)}`, [id]);
    return there.rowCount === 0 ? 'missing' : 'held';
  }
  if (row.is_dispatched) return 'dispatched';
  if (row.is_held) return 'held';
  return observed === null || observed === row.digest ? row : 'moved';
}

function takenRow(
  { sessions, name, table }: Taking,
  transaction: Transaction,
  row: LockedRow,
): TakenRow {
  const send: ForeignSend = {
    id: foreignMessageId(name, row.id),
    type: row.type ?? '',
    key: row.key ?? '',
    body: row.body ?? Buffer.alloc(0),
  };
  return {
    digest: row.digest,
    sends: [send],
    mark: async () => {
      try {
        const { rowCount } = await transaction.client.query(
          `update ${table.table.sql} set ${table.mark.set} where ${isRow(table)}`,
          [row.id, ...table.mark.values],
        );
        if (rowCount !== 1) throw notMarked(table, row.id);
      } catch (error) {
        await transaction.end('rollback').catch(() => {});
        throw sessions.named(error, 'no');
      }
      await transaction.end('commit');
    },
    // A connection that is lost has let go of the row.
    release: () => transaction.end('rollback').catch(() => {}),
  };
}

/** It is locked and was there: a trigger or a policy took it out of the update. */
function notMarked({ table }: RowTable, id: string): OncectlError {
  return new OncectlError('format', 'the table does not let the row be marked as dispatched', {
    about: `${table.schema}.${table.name}, row ${id}`,
    hint: 'look for triggers and row-level policies on it',
  });
}

/** `a column` of a table as an expression of type bytea: texts and JSON in UTF-8, bytes as they are. */
export function bytesSql(table: Table, column: string, sql: string): string {
  return typeOf(table, column) === 'bytea' ? sql : `convert_to(${sql}::text, 'UTF8')`;
}
