/** The outbox table of NServiceBus SQL persistence, made and written as its own code does. */
import type { Client } from 'pg';

/** As https://docs.particular.net/persistence/sql/postgresql-scripts has it ("Outbox, Create Table"). */
const createTable = `
create or replace function pg_temp.create_outbox_table(tablePrefix varchar, schema varchar)
  returns integer as
  $body$
    declare
      tableNameNonQuoted varchar;
      createTable text;
    begin
        tableNameNonQuoted := tablePrefix || 'OutboxData';
        createTable = 'create table if not exists "' || schema || '"."' || tableNameNonQuoted || '"
    (
        "MessageId" character varying(200),
        "Dispatched" boolean not null default false,
        "DispatchedAt" timestamp,
        "PersistenceVersion" character varying(23),
        "Operations" jsonb not null,
        primary key ("MessageId")
    );
    create index if not exists "Index_DispatchedAt" on "' || schema || '"."' || tableNameNonQuoted || '" using btree ("DispatchedAt" asc nulls last);
    create index if not exists "Index_Dispatched" on "' || schema || '"."' || tableNameNonQuoted || '" using btree ("Dispatched" asc nulls last);
';
        execute createTable;
        return 0;
    end;
  $body$
  language 'plpgsql';
`;

export async function createNServiceBus(client: Client, schema: string, prefix: string) {
  await client.query(createTable);
  await client.query('select pg_temp.create_outbox_table($1, $2)', [prefix, schema]);
}

export interface Sent {
  readonly id: string;
  readonly type: string;
  /** As NServiceBus writes times. */
  readonly timeSent: string | null;
  readonly body: string;
  readonly options: Readonly<Record<string, string>>;
}

/** `GetOutboxStoreCommand` with the JSON of `SerializableOperation` (NServiceBus.Persistence.Sql). */
export async function storeNServiceBus(
  client: Client,
  table: string,
  messageId: string,
  sent: readonly Sent[],
): Promise<void> {
  const operations = sent.map(({ id, type, timeSent, body, options }) => ({
    Body: Buffer.from(body).toString('base64'),
    Headers: {
      'NServiceBus.MessageId': id,
      'NServiceBus.EnclosedMessageTypes': type,
      ...(timeSent === null ? {} : { 'NServiceBus.TimeSent': timeSent }),
    },
    MessageId: id,
    Options: options,
  }));
  await client.query(
    `insert into ${table} ("MessageId", "Operations", "PersistenceVersion") values ($1, $2, $3)`,
    [messageId, JSON.stringify(operations), '8.0.0.0'],
  );
}

/** `GetOutboxSetAsDispatchedCommand`. */
export async function setAsDispatched(client: Client, table: string, messageId: string) {
  await client.query(
    `update ${table} set "Dispatched" = true, "DispatchedAt" = now() at time zone 'UTC',
      "Operations" = '[]' where "MessageId" = $1`,
    [messageId],
  );
}
