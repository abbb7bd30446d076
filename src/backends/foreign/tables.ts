/** What is there: a foreign table's columns as the server's catalog has them. */
import { type Client, escapeIdentifier } from 'pg';
import { OncectlError } from '../../engine/errors.js';

export interface Column {
  /** As SQL writes it: `timestamp with time zone`. */
  readonly type: string;
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  /** Schema and name, quoted for SQL. */
  readonly sql: string;
  readonly columns: ReadonlyMap<string, Column>;
}

/** The table, or null when there is none of that name in the schema. */
export async function lookAtTable(
  client: Client,
  schema: string,
  name: string,
): Promise<Table | null> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'f')
      and a.attnum > 0 and not a.attisdropped
    order by a.attnum`,
    [schema, name],
  );
  if (rows.length === 0) return null;
  return {
    schema,
    name,
    sql: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    columns: new Map(rows.map(({ name: column, type }) => [column, { type }])),
  };
}

/** Refuses (`format`) a table that is not there or lacks a column. `writer` names who makes it. */
export function requireColumns(
  table: Table | null,
  named: { readonly schema: string; readonly name: string },
  columns: readonly string[],
  writer: string,
): Table {
  const about = `${named.schema}.${named.name}`;
  if (!table) {
    throw new OncectlError('format', `there is no table ${about}`, {
      about,
      hint: `${writer} makes it; deployment.outboxes names its schema, and the url its database`,
    });
  }
  const missing = columns.filter((column) => !table.columns.has(column));
  if (missing.length === 0) return table;
  const which = missing.length === 1 ? 'column' : 'columns';
  const are = missing.length === 1 ? 'is' : 'are';
  throw new OncectlError(
    'format',
    `the table is not as ${writer} writes it: ${which} ${missing.join(', ')} ${are} missing`,
    { about, hint: `it has: ${[...table.columns.keys()].join(', ')}` },
  );
}

/** The type of a column that `requireColumns` has seen. */
export function typeOf(table: Table, column: string): string {
  const found = table.columns.get(column);
  if (!found) throw new OncectlError('bug', `${table.name} has no column ${column}`);
  return found.type;
}
