/**
 * The outbox of NServiceBus SQL persistence, PostgreSQL dialect. One row for each incoming message, with
 * all that its handlers sent; a dispatched row is kept, emptied, as the record that drops duplicates.
 *
 * The table: https://docs.particular.net/persistence/sql/postgresql-scripts
 * What `Operations` holds: `SerializableOperation`, `OperationConverter` and the outbox's serialisation of
 * routing (`Destination`, `EventType`), in github.com/Particular/NServiceBus.Persistence.Sql and
 * github.com/Particular/NServiceBus. Headers: https://docs.particular.net/nservicebus/messaging/headers
 */
import type { ForeignMessage, ForeignOutbox, ForeignRowDetail } from '../../engine/foreign.js';
import { countRows, type ListedRow, type Listing, listRows } from './listing.js';
import { once } from './once.js';
import type { Sessions } from './sessions.js';
import { lookAtTable, requireColumns, type Table } from './tables.js';

export interface NServiceBusOutbox {
  readonly kind: 'nservicebus';
  readonly schema: string;
  /** `tablePrefix`, which NServiceBus derives from the endpoint's name unless it is set. */
  readonly prefix: string;
}

const finishing = {
  how:
    'NServiceBus sends what a row holds when its endpoint receives the incoming message (the row’s id) ' +
    'again: it finds the row, runs no handler, sends, and marks the row. So return that message to the ' +
    'endpoint’s queue, or retry it from the error queue; oncectl cannot write its envelope',
  source: 'https://docs.particular.net/nservicebus/outbox/',
};

const columns = ['MessageId', 'Dispatched', 'DispatchedAt', 'PersistenceVersion', 'Operations'];

export function openNServiceBus(
  { name, schema, prefix }: NServiceBusOutbox & { readonly name: string },
  sessions: Sessions,
): ForeignOutbox {
  const named = { schema, name: `${prefix}OutboxData` };
  const table = once(async () => {
    const found = await sessions.read((client) => lookAtTable(client, schema, named.name));
    return requireColumns(found, named, columns, 'NServiceBus');
  });
  const undispatched = async () => listingOf(await table());
  return {
    name,
    kind: 'nservicebus',
    table: `${schema}.${named.name}`,
    finishing,
    list: async (query) => listRows(sessions, await undispatched(), query),
    count: async (olderThan) => countRows(sessions, await undispatched(), olderThan),
    show: async (id) => showRow(sessions, await table(), id),
    dispatch: null,
    close: () => sessions.close(),
  };
}

const operations = '"Operations"::jsonb';
const type = `-> 'Headers' ->> 'NServiceBus.EnclosedMessageTypes'`;
const sent = `${operations} -> 0 -> 'Headers' ->> 'NServiceBus.TimeSent'`;

/** The table has no time of creation; its first message says in its headers when it was made. */
const createdAt = `case when ${sent} ~ '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d:\\d{6} Z$'
  then (substr(${sent}, 1, 19) || '.' || substr(${sent}, 21, 6) || '+00')::timestamptz end`;

function listingOf(table: Table): Listing {
  return {
    keys: `select "MessageId"::text as id, ${createdAt} as created_at from ${table.sql}
      where not "Dispatched"`,
    details: rowsSql(table, '"MessageId" = picked.id'),
    hasAlwaysTime: false,
  };
}

function rowsSql({ sql }: Table, condition: string): string {
  return `select "MessageId"::text as id, ${createdAt} as created_at,
    jsonb_array_length(${operations}) as messages,
    split_part(split_part(${operations} -> 0 ${type}, ';', 1), ',', 1) as about,
    null::text as key, null::integer as attempts,
    case when "Dispatched" then 'dispatched' end as note, null::text as digest
  from ${sql} where ${condition}`;
}

/** An operation as `SerializableOperation` has it; `Body` is base64. */
interface Operation {
  readonly MessageId?: string;
  readonly Body?: string;
  readonly Headers?: Readonly<Record<string, string>>;
  readonly Options?: Readonly<Record<string, string>>;
}

async function showRow(
  sessions: Sessions,
  table: Table,
  id: string,
): Promise<ForeignRowDetail | null> {
  const { rows } = await sessions.read((client) =>
    client.query<ListedRow & { created_ms: number | null; operations: readonly Operation[] }>(
      `select r.*, (extract(epoch from r.created_at) * 1000)::float8 as created_ms,
        t.${operations} as operations
      from (${rowsSql(table, '"MessageId" = $1')}) r join ${table.sql} t on t."MessageId" = r.id`,
      [id],
    ),
  );
  const [row] = rows;
  if (!row) return null;
  const { about, key, attempts, note, digest, created_ms: created } = row;
  const messages = row.operations.map(messageOf);
  return { ...{ id, about, key, attempts, note, digest, messages }, createdAt: created };
}

function messageOf({ MessageId, Body, Headers = {}, Options = {} }: Operation): ForeignMessage {
  const event = Options['EventType'];
  return {
    id: MessageId ?? null,
    type: Headers['NServiceBus.EnclosedMessageTypes'] ?? null,
    destination: Options['Destination'] ?? (event === undefined ? null : `subscribers of ${event}`),
    body: Buffer.from(Body ?? '', 'base64'),
    headers: Headers,
  };
}
