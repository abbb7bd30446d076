/** Outboxes that only their own library may dispatch: listed and shown exactly, and left alone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ForeignSchema, listed } from './fixture.js';
import { createMassTransit, insertInto } from './masstransit-tables.js';
import { createNServiceBus, setAsDispatched, storeNServiceBus } from './nservicebus-table.js';

let foreign: ForeignSchema;

beforeEach(async () => {
  foreign = await ForeignSchema.create();
});

afterEach(() => foreign.remove());

const noon = Date.parse('2026-03-01T12:00:00Z');

describe('NServiceBus', () => {
  const prefix = 'Samples_Sales_';
  const table = () => `"${foreign.schema}"."${prefix}OutboxData"`;
  const open = () => foreign.open({ kind: 'nservicebus', schema: foreign.schema, prefix });

  beforeEach(async () => {
    await createNServiceBus(foreign.client, foreign.schema, prefix);
    const sent = (id: string, timeSent: string | null) => ({
      ...{ id, timeSent, body: `{"order":"${id}"}`, options: { Destination: 'billing' } },
      type: 'Sales.OrderPlaced, Sales, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null',
    });
    const event = { ...sent('2b', '2026-03-01 11:00:01:000000 Z'), type: 'Sales.Seen' };
    const store = (id: string, ...all: Parameters<typeof storeNServiceBus>[3][number][]) =>
      storeNServiceBus(foreign.client, table(), id, all);
    await store('later', sent('1', '2026-03-01 12:30:00:000000 Z'));
    await store('two', sent('2a', '2026-03-01 11:00:00:250000 Z'), {
      ...event,
      options: { EventType: 'Sales.Seen, Sales' },
    });
    await store('timeless', sent('3', null));
    await store('nothing');
    await store('done', sent('4', '2026-03-01 10:00:00:000000 Z'));
    await setAsDispatched(foreign.client, table(), 'done');
  });

  it('lists what is not dispatched, the oldest first, what has no time last', async () => {
    const outbox = open();
    const rows = await listed(outbox, noon + 3_600_000);
    expect(
      rows.map(({ id, createdAt, messages, about }) => [id, createdAt, messages, about]),
    ).toEqual([
      ['two', Date.parse('2026-03-01T11:00:00.250Z'), 2, 'Sales.OrderPlaced'],
      ['later', Date.parse('2026-03-01T12:30:00Z'), 1, 'Sales.OrderPlaced'],
      ['nothing', null, 0, null],
      ['timeless', null, 1, 'Sales.OrderPlaced'],
    ]);
    expect(await outbox.count(noon + 3_600_000)).toBe(4);
  });

  it('leaves out what is young, but nothing whose age is not known', async () => {
    const rows = await listed(open(), noon);
    expect(rows.map(({ id }) => id)).toEqual(['two', 'nothing', 'timeless']);
    expect(await open().count(noon)).toBe(3);
  });

  it('shows the messages of a row as they were written', async () => {
    const shown = await open().show('two');
    expect(shown?.messages.map(({ body, headers, ...rest }) => [rest, String(body)])).toEqual([
      [
        {
          id: '2a',
          type: 'Sales.OrderPlaced, Sales, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null',
          destination: 'billing',
        },
        '{"order":"2a"}',
      ],
      [
        { id: '2b', type: 'Sales.Seen', destination: 'subscribers of Sales.Seen, Sales' },
        '{"order":"2b"}',
      ],
    ]);
    expect(shown?.messages[0]?.headers['NServiceBus.MessageId']).toBe('2a');
    expect(await open().show('done')).toMatchObject({ note: 'dispatched', messages: [] });
    expect(await open().show('nobody')).toBeNull();
  });

  it('cannot be dispatched', () => {
    expect(open().dispatch).toBeNull();
  });
});

describe.each([
  ['as the entities are named', (name: string) => name],
  [
    'in snake case, as a naming convention may have it',
    (name: string) => name.replaceAll(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase(),
  ],
])('MassTransit, %s', (_, spell) => {
  const uuid = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
  const open = () => foreign.open({ kind: 'masstransit', schema: foreign.schema });
  const insert = (table: string, fields: Readonly<Record<string, unknown>>) =>
    insertInto(foreign.client, `"${foreign.schema}"."${spell(table)}"`, spell, fields);
  const message = (MessageId: string, more: Readonly<Record<string, unknown>>) =>
    insert('OutboxMessage', {
      ...{
        MessageId,
        SentTime: '2026-03-01T11:00:00Z',
        ContentType: 'application/vnd.masstransit+json',
      },
      ...{
        MessageType: 'urn:message:Sales:OrderPlaced;urn:message:Sales:Any',
        Body: '{"message":{}}',
      },
      ...{ DestinationAddress: 'exchange:billing', Headers: '{"tenant":"a","level":3}' },
      ...more,
    });
  const outbox = (OutboxId: string, Created: string, more: object = {}) =>
    insert('OutboxState', { OutboxId, LockId: uuid(0), Created, ...more });

  beforeEach(async () => {
    await createMassTransit(foreign.client, foreign.schema, spell);
    await outbox(uuid(1), '2026-03-01T11:30:00Z');
    await message(uuid(6), { OutboxId: uuid(1) });
    await message(uuid(7), { OutboxId: uuid(1), MessageType: 'urn:message:Sales:Second' });
    // Delivered up to its first message.
    await outbox(uuid(2), '2026-03-01T11:00:00Z', { LastSequenceNumber: 3 });
    await message(uuid(6), { OutboxId: uuid(2), SequenceNumber: 3 });
    await message(uuid(8), { OutboxId: uuid(2), SequenceNumber: 4 });
    await outbox(uuid(3), '2026-03-01T10:00:00Z', { Delivered: '2026-03-01T10:00:01Z' });
    await message(uuid(6), { OutboxId: uuid(3), SequenceNumber: 5 });
    const consumer = { MessageId: uuid(4), ConsumerId: uuid(9), LockId: uuid(0), ReceiveCount: 3 };
    const times = { Received: '2026-03-01T13:00:00Z', Consumed: '2026-03-01T13:00:01Z' };
    await insert('InboxState', { ...consumer, ...times });
    const inbox = { InboxMessageId: uuid(4), InboxConsumerId: uuid(9) };
    await message(uuid(5), { ...inbox, SequenceNumber: 6 });
  });

  it('lists each transaction that left messages which are not delivered', async () => {
    const rows = await listed(open(), noon + 7_200_000);
    const told = rows.map(({ id, createdAt, messages, about, attempts, note }) => [
      ...[id, new Date(createdAt ?? 0).toISOString(), messages, about, attempts, note],
    ]);
    const type = 'urn:message:Sales:OrderPlaced';
    expect(told).toEqual([
      [uuid(2), '2026-03-01T11:00:00.000Z', 1, type, null, null],
      [uuid(1), '2026-03-01T11:30:00.000Z', 2, type, null, null],
      [`${uuid(4)}/${uuid(9)}`, '2026-03-01T13:00:00.000Z', 1, type, 3, 'sent by a consumer'],
    ]);
    expect(await open().count(noon)).toBe(2);
  });

  it('shows its messages in their order', async () => {
    const shown = await open().show(uuid(1));
    expect(shown?.messages.map(({ id, type }) => [id, type])).toEqual([
      [uuid(6), 'urn:message:Sales:OrderPlaced;urn:message:Sales:Any'],
      [uuid(7), 'urn:message:Sales:Second'],
    ]);
    const [first] = shown?.messages ?? [];
    expect([String(first?.body), first?.destination]).toEqual([
      '{"message":{}}',
      'exchange:billing',
    ]);
    expect(first?.headers).toMatchObject({ tenant: 'a', level: '3', OutboxId: uuid(1) });
    const consumers = await open().show(`${uuid(4)}/${uuid(9)}`);
    expect(consumers?.messages.map(({ id }) => id)).toEqual([uuid(5)]);
    expect(await open().show(uuid(9))).toBeNull();
  });

  it('cannot be dispatched', () => {
    expect(open().dispatch).toBeNull();
  });
});
