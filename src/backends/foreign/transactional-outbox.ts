/**
 * The outbox of pg-transactional-outbox (https://github.com/Zehelein/pg-transactional-outbox, 0.5): the
 * table that its `DatabaseSetup.dropAndCreateTable` makes, marked as its `markMessageCompleted` does.
 */
import type { ForeignOutbox } from '../../engine/foreign.js';
import { openRowTable, type RowTable } from './row-table.js';
import type { Sessions } from './sessions.js';
import type { Table } from './tables.js';

export interface TransactionalOutbox {
  readonly kind: 'pg-transactional-outbox';
  readonly schema: string;
  readonly table: string;
}

const finishing = {
  how:
    'the library’s listener takes a row and gives it to the application’s publisher; a row that it has ' +
    'given up (abandoned_at) it never takes again. oncectl outbox repair sends either',
  source: 'https://github.com/Zehelein/pg-transactional-outbox#readme',
};

const columns = [
  ...['id', 'aggregate_type', 'aggregate_id', 'message_type', 'segment', 'concurrency', 'payload'],
  ...['metadata', 'locked_until', 'created_at', 'processed_at', 'abandoned_at'],
  ...['started_attempts', 'finished_attempts'],
];

export function openTransactionalOutbox(
  { name, schema, table }: TransactionalOutbox & { readonly name: string },
  sessions: Sessions,
): ForeignOutbox {
  const named = { schema, name: table };
  const kind = 'pg-transactional-outbox';
  return openRowTable({ name, kind, named, columns, writer: kind, finishing, describe }, sessions);
}

const isoTime = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

function describe(table: Table): RowTable {
  return {
    table,
    id: { sql: 'id', type: 'uuid' },
    createdAt: 'created_at',
    hasAlwaysTime: true,
    type: 'message_type',
    key: 'aggregate_id',
    body: "convert_to(payload::text, 'UTF8')",
    attempts: 'finished_attempts::integer',
    note: `case when abandoned_at is not null
        then 'given up by its listener ' || ${isoTime('abandoned_at')}
      when locked_until > clock_timestamp()
        then 'held by its listener until ' || ${isoTime('locked_until')} end`,
    headers: `jsonb_build_object('aggregateType', aggregate_type, 'segment', segment,
      'concurrency', concurrency, 'metadata', metadata::text)`,
    isDispatched: 'processed_at is not null',
    // Its polling listener announces with it which rows it is about to lock.
    isHeld: 'abandoned_at is null and locked_until > clock_timestamp()',
    mark: {
      set: `processed_at = clock_timestamp(), started_attempts = started_attempts + 1,
        finished_attempts = finished_attempts + 1`,
      values: [],
    },
  };
}
