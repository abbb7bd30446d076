/** A table of one's own, mapped in the profile: which columns are what, and what counts as dispatched. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import { OncectlError } from '../../engine/errors.js';
import type { ForeignOutbox } from '../../engine/foreign.js';
import { bytesSql, openRowTable, type RowTable } from './row-table.js';
import type { Sessions } from './sessions.js';
import { type Table, typeOf } from './tables.js';

export interface PlainTable {
  readonly kind: 'table';
  readonly schema: string;
  readonly table: string;
  /** Names of columns; null: the table has none for it. */
  readonly columns: {
    readonly id: string;
    readonly payload: string;
    readonly type: string | null;
    readonly key: string | null;
    readonly createdAt: string | null;
  };
  readonly dispatched: {
    /** A boolean, a time that is null until then, or with `values` a column of any type. */
    readonly column: string;
    /** What it holds before and after; every other value is left alone. */
    readonly values: { readonly before: string; readonly after: string } | null;
  };
}

const finishing = {
  how: 'oncectl outbox repair sends a row and marks it; whatever else dispatches the table can, too',
  source: 'deployment.outboxes of the profile',
};

export function openPlainTable(
  { name, ...mapped }: PlainTable & { readonly name: string },
  sessions: Sessions,
): ForeignOutbox {
  const { schema, table, columns, dispatched } = mapped;
  const mentioned = [...Object.values(columns), dispatched.column].filter((one) => one !== null);
  return openRowTable(
    {
      ...{ name, kind: 'table', finishing },
      named: { schema, name: table },
      columns: mentioned,
      writer: 'deployment.outboxes',
      describe: (found) => describe(found, name, mapped),
    },
    sessions,
  );
}

function describe(table: Table, name: string, { columns, dispatched }: PlainTable): RowTable {
  const id = escapeIdentifier(columns.id);
  const text = (column: string | null, otherwise: string) =>
    column === null ? otherwise : `${escapeIdentifier(column)}::text`;
  return {
    table,
    id: { sql: id, type: typeOf(table, columns.id) },
    createdAt: createdAtSql(table, columns.createdAt),
    hasAlwaysTime: false,
    // Without a column all rows are of one type, and every row is an entity of its own.
    type: text(columns.type, escapeLiteral(name)),
    key: text(columns.key, `${id}::text`),
    body: bytesSql(table, columns.payload, escapeIdentifier(columns.payload)),
    attempts: 'null::integer',
    note: 'null::text',
    headers: `jsonb_build_object(${escapeLiteral(dispatched.column)}::text,
      ${escapeIdentifier(dispatched.column)}::text)`,
    isHeld: 'false',
    ...stateSql(table, dispatched),
  };
}

function createdAtSql(table: Table, column: string | null): string {
  if (column === null) return 'null::timestamptz';
  const type = typeOf(table, column);
  if (isTime(type)) return `${escapeIdentifier(column)}::timestamptz`;
  throw wrongType(table, column, type, 'columns.createdAt', 'a timestamp or a date');
}

function stateSql(
  table: Table,
  { column, values }: PlainTable['dispatched'],
): Pick<RowTable, 'isDispatched' | 'mark'> {
  const sql = escapeIdentifier(column);
  const type = typeOf(table, column);
  if (values) {
    return {
      isDispatched: `${sql}::text is distinct from ${escapeLiteral(values.before)}`,
      mark: { set: `${sql} = $2::${type}`, values: [values.after] },
    };
  }
  if (type === 'boolean') {
    return {
      isDispatched: `coalesce(${sql}, false)`,
      mark: { set: `${sql} = true`, values: [] },
    };
  }
  if (isTime(type)) {
    return {
      isDispatched: `${sql} is not null`,
      mark: { set: `${sql} = clock_timestamp()`, values: [] },
    };
  }
  const wanted = 'a boolean or a timestamp; for another column say its values, before and after';
  throw wrongType(table, column, type, 'dispatched.column', wanted);
}

function isTime(type: string): boolean {
  return /^(timestamp|date)/.test(type);
}

function wrongType(
  { schema, name }: Table,
  column: string,
  type: string,
  key: string,
  wanted: string,
): OncectlError {
  return new OncectlError('format', `column ${column} is of type ${type}; ${key} wants ${wanted}`, {
    about: `${schema}.${name}`,
  });
}
