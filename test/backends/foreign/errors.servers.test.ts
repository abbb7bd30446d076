/** What is wrong with a foreign outbox is told in its own words. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ForeignSource } from '../../../src/backends/foreign/index.js';
import type { OncectlError } from '../../../src/engine/errors.js';
import type { ForeignOutbox } from '../../../src/engine/foreign.js';
import { asSuperuser, urlOf } from '../postgres-fixtures.js';
import { ForeignSchema } from './fixture.js';

let foreign: ForeignSchema;

beforeEach(async () => {
  foreign = await ForeignSchema.create();
});

afterEach(() => foreign.remove());

async function failureOf(outbox: ForeignOutbox): Promise<OncectlError> {
  return outbox.list({ olderThan: Date.now(), after: null, limit: 10 }).then(
    () => expect.unreachable('it was not refused'),
    (error: OncectlError) => error,
  );
}

const plain = (): ForeignSource => ({
  ...{ kind: 'table', schema: foreign.schema, table: 'left' },
  columns: { id: 'id', payload: 'body', type: null, key: null, createdAt: 'made' },
  dispatched: { column: 'sent', values: null },
});

it.each([
  [{ kind: 'nservicebus', prefix: 'Sales_' }, 'Sales_OutboxData', 'NServiceBus'],
  [{ kind: 'masstransit' }, 'OutboxMessage', 'MassTransit'],
  [{ kind: 'pg-transactional-outbox', table: 'outbox' }, 'outbox', 'pg-transactional-outbox'],
] as const)('a table that is not there: $0.kind', async (source, table, writer) => {
  const error = await failureOf(
    foreign.open({ ...source, schema: foreign.schema } as ForeignSource),
  );
  expect(error.kind).toBe('format');
  expect(error.message).toBe(`there is no table ${foreign.schema}.${table}`);
  expect(error.hint).toContain(writer);
});

it('a table without a column that its library writes', async () => {
  await foreign.client.query(`create table ${foreign.schema}.outbox (id uuid, payload jsonb)`);
  const source = { kind: 'pg-transactional-outbox', schema: foreign.schema, table: 'outbox' };
  const error = await failureOf(foreign.open(source as ForeignSource));
  expect(error).toMatchObject({ kind: 'format', hint: 'it has: id, payload' });
  expect(error.message).toMatch(
    /not as pg-transactional-outbox writes it: columns aggregate_type, /,
  );
});

it.each([
  ['made text, sent boolean', 'column made is of type text; columns.createdAt wants a timestamp'],
  ['made date, sent integer', 'column sent is of type integer; dispatched.column wants a boolean'],
])('a mapped column of a type that will not do: %s', async (columns, message) => {
  const { client, schema } = foreign;
  await client.query(`create table ${schema}.left (id integer, body text, ${columns})`);
  const error = await failureOf(foreign.open(plain()));
  expect(error.kind).toBe('format');
  expect(error.message).toContain(message);
});

it('a table that the user may not read', async () => {
  await asSuperuser(`create table ${foreign.schema}.left (id integer, body text, made date, sent boolean);
    alter table ${foreign.schema}.left owner to postgres`);
  expect(await failureOf(foreign.open(plain()))).toMatchObject({ kind: 'denied' });
  await asSuperuser(`drop table ${foreign.schema}.left`);
});

it('a server that is not there, and a database', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  const gone = foreign.open(plain(), { url: urlOf({ port }) });
  expect(await failureOf(gone)).toMatchObject({ kind: 'unreachable', happened: 'no' });
  const elsewhere = foreign.open(plain(), { url: urlOf({ database: 'nowhere' }) });
  expect(await failureOf(elsewhere)).toMatchObject({ kind: 'not-found' });
});

it('a cursor that is none', async () => {
  const { client, schema } = foreign;
  await client.query(
    `create table ${schema}.left (id integer, body text, made date, sent boolean)`,
  );
  const asked = foreign.open(plain()).list({ olderThan: 0, after: 'x', limit: 1 });
  await expect(asked).rejects.toMatchObject({ kind: 'usage' });
});
