/**
 * The transactional outbox of MassTransit with Entity Framework Core, on PostgreSQL. A row here is what
 * one transaction left: the messages of one `OutboxState` (sent outside of a consumer, by the bus outbox)
 * or of one `InboxState` (sent by a consumer). Messages are deleted as they are delivered.
 *
 * Tables and columns: `EntityFrameworkOutboxConfigurationExtensions` (AddInboxStateEntity,
 * AddOutboxStateEntity, AddOutboxMessageEntity) in github.com/MassTransit/MassTransit, and
 * https://masstransit.io/documentation/configuration/middleware/outbox. What is not delivered yet:
 * `BusOutboxDeliveryService` and `DbContextOutboxConsumeContext` there.
 */
import { type Client, escapeIdentifier } from 'pg';
import type { ForeignMessage, ForeignOutbox, ForeignRowDetail } from '../../engine/foreign.js';
import { countRows, type ListedRow, type Listing, listRows } from './listing.js';
import { once } from './once.js';
import type { Sessions } from './sessions.js';
import { lookAtTable, requireColumns, type Table } from './tables.js';

export interface MassTransitOutbox {
  readonly kind: 'masstransit';
  readonly schema: string;
}

const finishing = {
  how:
    'MassTransit’s bus outbox delivery service, a hosted service of the application, sends what was ' +
    'sent outside of a consumer; what a consumer sent is delivered when its message is received again. ' +
    'So start the application (without DisableDeliveryService), or return the message to its queue; ' +
    'oncectl cannot write its envelope',
  source: 'https://masstransit.io/documentation/patterns/transactional-outbox',
};

/** As the entities name them; a naming convention may write them `with_underscores`. */
const columns = {
  OutboxMessage: [
    ...['SequenceNumber', 'EnqueueTime', 'SentTime', 'Headers', 'Properties', 'InboxMessageId'],
    ...['InboxConsumerId', 'OutboxId', 'MessageId', 'ContentType', 'Body', 'ConversationId'],
    ...['CorrelationId', 'InitiatorId', 'RequestId', 'SourceAddress', 'DestinationAddress'],
    ...['ResponseAddress', 'FaultAddress', 'ExpirationTime'],
  ],
  OutboxState: ['OutboxId', 'Created', 'Delivered', 'LastSequenceNumber'],
  InboxState: [
    'MessageId',
    'ConsumerId',
    'Received',
    'ReceiveCount',
    'Delivered',
    'LastSequenceNumber',
  ],
} as const;

type TableName = keyof typeof columns;
type Spelling = (name: string) => string;

const asWritten: Spelling = (name) => name;

const spellings: readonly Spelling[] = [
  asWritten,
  (name) => name.replaceAll(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase(),
];

/** By a migration of the application's. */
const writer = 'MassTransit';

interface Tables extends Readonly<Record<TableName, Table>> {
  readonly spell: Spelling;
}

export function openMassTransit(
  { name, schema }: MassTransitOutbox & { readonly name: string },
  sessions: Sessions,
): ForeignOutbox {
  const tables = once(() => sessions.read((client) => lookAtTables(client, schema)));
  return {
    name,
    kind: 'masstransit',
    table: `${schema}.OutboxMessage`,
    finishing,
    list: async (query) => listRows(sessions, listingOf(await tables()), query),
    count: async (olderThan) => countRows(sessions, listingOf(await tables()), olderThan),
    show: async (id) => showRow(sessions, await tables(), id),
    dispatch: null,
    close: () => sessions.close(),
  };
}

async function lookAtTables(client: Client, schema: string): Promise<Tables> {
  for (const spell of spellings) {
    const found = await lookAtTable(client, schema, spell('OutboxMessage'));
    if (found) return tablesAs(client, schema, spell);
  }
  return tablesAs(client, schema, asWritten);
}

async function tablesAs(client: Client, schema: string, spell: Spelling): Promise<Tables> {
  const look = async (name: TableName) => {
    const named = { schema, name: spell(name) };
    const found = await lookAtTable(client, schema, named.name);
    return requireColumns(found, named, columns[name].map(spell), writer);
  };
  return {
    spell,
    OutboxMessage: await look('OutboxMessage'),
    OutboxState: await look('OutboxState'),
    InboxState: await look('InboxState'),
  };
}

/** Names a column of a table's alias: `m` for messages, `o` and `i` for the states. */
function columnsOf({ spell }: Tables): (alias: 'm' | 'o' | 'i', name: string) => string {
  return (alias, name) => `${alias}.${escapeIdentifier(spell(name))}`;
}

type Condition = (of: ReturnType<typeof columnsOf>) => string;

const notDelivered: Condition = (of) =>
  `coalesce(${of('o', 'Delivered')}, ${of('i', 'Delivered')}) is null
  and ${of('m', 'SequenceNumber')} > coalesce(${of('o', 'LastSequenceNumber')},
    ${of('i', 'LastSequenceNumber')}, 0)`;

/** The bus outbox's id, or the message and the consumer that the inbox knows. */
function idSql(of: ReturnType<typeof columnsOf>): string {
  const [message, consumer] = [of('m', 'InboxMessageId'), of('m', 'InboxConsumerId')];
  return `coalesce(${of('m', 'OutboxId')}::text, ${message}::text || '/' || ${consumer}::text)`;
}

function fromSql(tables: Tables): string {
  const of = columnsOf(tables);
  return `${tables.OutboxMessage.sql} m
    left join ${tables.OutboxState.sql} o on ${of('o', 'OutboxId')} = ${of('m', 'OutboxId')}
    left join ${tables.InboxState.sql} i on ${of('i', 'MessageId')} = ${of('m', 'InboxMessageId')}
      and ${of('i', 'ConsumerId')} = ${of('m', 'InboxConsumerId')}`;
}

/** Early versions keep the type in the body alone. */
function typeSql({ spell, OutboxMessage }: Tables): string {
  const name = spell('MessageType');
  return OutboxMessage.columns.has(name) ? `m.${escapeIdentifier(name)}` : 'null::text';
}

function rowsSql(tables: Tables, condition: Condition): string {
  const of = columnsOf(tables);
  const times = [of('o', 'Created'), of('i', 'Received'), of('m', 'SentTime')];
  const created = `coalesce(${times.map((time) => `${time}::timestamptz`).join(', ')})`;
  const first = `(array_agg(${typeSql(tables)} order by ${of('m', 'SequenceNumber')}))[1]`;
  return `select ${idSql(of)} as id, min(${created}) as created_at,
    count(*)::integer as messages, split_part(${first}, ';', 1) as about, null::text as key,
    max(${of('i', 'ReceiveCount')})::integer as attempts,
    case when bool_or(${of('m', 'OutboxId')} is null) then 'sent by a consumer' end as note,
    null::text as digest
  from ${fromSql(tables)} where ${condition(of)} group by 1`;
}

/** They are put together from their messages either way. */
function listingOf(tables: Tables): Listing {
  return {
    keys: rowsSql(tables, notDelivered),
    details: `select picked.id, picked.created_at, picked.messages, picked.about, picked.key,
      picked.attempts, picked.note, picked.digest`,
    hasAlwaysTime: true,
  };
}

interface MessageRow extends Readonly<Record<string, string | null>> {}

async function showRow(
  sessions: Sessions,
  tables: Tables,
  id: string,
): Promise<ForeignRowDetail | null> {
  const of = columnsOf(tables);
  const isIt: Condition = () => `${idSql(of)} = $1`;
  const wanted = [...columns.OutboxMessage].map((name) => `${of('m', name)}::text as "${name}"`);
  return sessions.read(async (client) => {
    const row = await client.query<ListedRow & { created_ms: number | null }>(
      `select r.*, (extract(epoch from r.created_at) * 1000)::float8 as created_ms
      from (${rowsSql(tables, isIt)}) r`,
      [id],
    );
    const messages = await client.query<MessageRow>(
      `select ${wanted.join(', ')}, ${typeSql(tables)} as "MessageType"
      from ${fromSql(tables)} where ${isIt(of)} order by ${of('m', 'SequenceNumber')}`,
      [id],
    );
    const [found] = row.rows;
    if (!found) return null;
    const { about, key, attempts, note, digest, created_ms: createdAt } = found;
    return {
      ...{ id, about, key, attempts, note, digest, createdAt },
      messages: messages.rows.map(messageOf),
    };
  });
}

const notHeaders = new Set(['Headers', 'Body', 'MessageId', 'MessageType', 'DestinationAddress']);

function messageOf(row: MessageRow): ForeignMessage {
  const fields = Object.entries(row).flatMap(([name, value]) =>
    value === null || notHeaders.has(name) ? [] : [[name, value] as const],
  );
  return {
    id: row['MessageId'] ?? null,
    type: row['MessageType'] ?? null,
    destination: row['DestinationAddress'] ?? null,
    body: Buffer.from(row['Body'] ?? ''),
    headers: { ...Object.fromEntries(fields), ...headersOf(row['Headers'] ?? null) },
  };
}

/** A JSON object, whose values may be other than texts. */
function headersOf(text: string | null): Record<string, string> {
  if (text === null || text.trim() === '') return {};
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return Object.fromEntries(
      entries.map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  } catch {
    return { Headers: text };
  }
}
