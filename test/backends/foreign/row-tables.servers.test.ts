/** Outboxes that oncectl may dispatch: pg-transactional-outbox, and a table of one's own. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForeignOutbox, TakenRow } from '../../../src/engine/foreign.js';
import { urlOf } from '../postgres-fixtures.js';
import { ForeignSchema, listed } from './fixture.js';
import { createTransactionalOutbox, listen, storeMessage } from './transactional-outbox-table.js';

let foreign: ForeignSchema;

beforeEach(async () => {
  foreign = await ForeignSchema.create();
});

afterEach(() => foreign.remove());

const noon = Date.parse('2026-03-01T12:00:00Z');
const at = (time: string) => `2026-03-01T${time}:00Z`;

async function taken(outbox: ForeignOutbox, id: string): Promise<TakenRow> {
  const take = await outbox.dispatch?.take(id, null);
  if (take?.state !== 'taken') throw new Error(`${id} is ${take?.state}`);
  return take.row;
}

const stateOf = async (outbox: ForeignOutbox, id: string, observed: string | null = null) =>
  (await outbox.dispatch?.take(id, observed))?.state;

describe('pg-transactional-outbox', () => {
  const ids = [randomUUID(), randomUUID(), randomUUID()].toSorted() as [string, string, string];
  const open = (name?: string) =>
    foreign.open(
      { kind: 'pg-transactional-outbox', schema: foreign.schema, table: 'outbox' },
      name === undefined ? {} : { name },
    );

  const store = (id: string, more: object = {}) =>
    // Each of a segment of its own: its listener waits with the others of a segment.
    storeMessage(foreign.client, foreign.schema, { id, segment: id, ...more });

  beforeEach(async () => {
    await createTransactionalOutbox(foreign.client, foreign.schema);
    await store(ids[0], { createdAt: at('11:30'), aggregateId: 'o-2' });
    await store(ids[1], { createdAt: at('11:00'), payload: { n: 'ü' } });
    await store(ids[2], { createdAt: at('12:30') });
  });

  it('lists and shows what the library stored', async () => {
    const rows = await listed(open(), noon);
    expect(
      rows.map(({ id, createdAt, about, key, attempts }) => [id, createdAt, about, key, attempts]),
    ).toEqual([
      [ids[1], Date.parse(at('11:00')), 'OrderPlaced', 'order-1', 0],
      [ids[0], Date.parse(at('11:30')), 'OrderPlaced', 'o-2', 0],
    ]);
    expect(await open().count(noon + 3_600_000)).toBe(3);
    const shown = await open().show(ids[1]);
    const [message] = shown?.messages ?? [];
    expect(JSON.parse(String(message?.body))).toEqual({ n: 'ü' });
    expect(message?.headers).toMatchObject({ aggregateType: 'order', metadata: '{"tenant": "a"}' });
    expect(await open().show(randomUUID())).toBeNull();
    expect(await open().show('no uuid')).toBeNull();
  });

  it('what is marked is marked as the library’s own, and done for both', async () => {
    const outbox = open();
    const row = await taken(outbox, ids[1]);
    expect(row.sends.map(({ type, key, body }) => [type, key, String(body)])).toEqual([
      ['OrderPlaced', 'order-1', '{"n": "ü"}'],
    ]);
    await row.mark();
    await row.release();
    expect(await stateOf(outbox, ids[1])).toBe('dispatched');
    expect((await listed(outbox, noon)).map(({ id }) => id)).toEqual([ids[0]]);
    expect((await outbox.show(ids[1]))?.note).toContain('dispatched');
    expect(await heard(2)).toEqual([ids[0], ids[2]]);
  });

  it('its listener does not get what is taken, nor afterwards what was marked', async () => {
    const row = await taken(open(), ids[1]);
    const got: string[] = [];
    const stop = listen(urlOf(), foreign.schema, (id) => {
      got.push(id);
    });
    await vi.waitFor(() => expect(got.toSorted()).toEqual([ids[0], ids[2]]), 10_000);
    await row.mark();
    const last = randomUUID();
    await store(last);
    await vi.waitFor(() => expect(got).toContain(last), 10_000);
    await stop();
    expect(got).not.toContain(ids[1]);
  });

  it('what its listener is at, it does not take', async () => {
    let finish = () => {};
    const busy: string[] = [];
    const stop = listen(urlOf(), foreign.schema, async (id) => {
      busy.push(id);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await vi.waitFor(() => expect(busy).not.toEqual([]), 10_000);
    expect(await stateOf(open(), busy[0] ?? '')).toBe('held');
    finish();
    await stop();
  });

  it('takes what its listener has given up, and says so', async () => {
    const { client, schema } = foreign;
    await client.query(
      `update ${schema}.outbox set abandoned_at = '${at('13:00')}' where id = $1`,
      [ids[0]],
    );
    const rows = await listed(open(), noon);
    expect(rows.at(-1)?.note).toBe('given up by its listener 2026-03-01T13:00:00Z');
    await (await taken(open(), ids[0])).mark();
    expect(await stateOf(open(), ids[0])).toBe('dispatched');
  });

  it('gives one row to one taker, and to another once it is let go', async () => {
    const [one, other] = [open(), open()];
    const row = await taken(one, ids[0]);
    expect(await stateOf(other, ids[0])).toBe('held');
    await row.release();
    await (await taken(other, ids[0])).release();
  });

  it('gives a row the same message id each time, another row or outbox another', async () => {
    const idOf = async (outbox: ForeignOutbox, id: string) => {
      const row = await taken(outbox, id);
      await row.release();
      return row.sends[0]?.id;
    };
    const id = await idOf(open('a'), ids[0]);
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(await idOf(open('a'), ids[0])).toBe(id);
    expect(new Set([id, await idOf(open('a'), ids[1]), await idOf(open('b'), ids[0])]).size).toBe(
      3,
    );
  });

  it('does not give a row that was changed since it was looked at', async () => {
    const outbox = open();
    const digest = (await listed(outbox, noon))[1]?.digest ?? '';
    const change = (to: string) =>
      foreign.client.query(`update ${foreign.schema}.outbox set ${to} where id = $1`, [ids[0]]);
    await change('started_attempts = 3');
    const take = await outbox.dispatch?.take(ids[0], digest);
    expect(take?.state).toBe('taken');
    if (take?.state === 'taken') await take.row.release();
    await change(`payload = '{"count": 2}'`);
    expect(await stateOf(outbox, ids[0], digest)).toBe('moved');
  });

  it('knows no row of another id', async () => {
    expect(await stateOf(open(), randomUUID())).toBe('missing');
    expect(await stateOf(open(), 'no uuid')).toBe('missing');
  });

  /** What the library's listener gets to see, once it has seen so many. */
  async function heard(count: number): Promise<string[]> {
    const got: string[] = [];
    const stop = listen(urlOf(), foreign.schema, (id) => {
      got.push(id);
    });
    await vi.waitFor(() => expect(got.length).toBeGreaterThanOrEqual(count), 10_000);
    await stop();
    return got.toSorted();
  }
});

const columns = { id: 'nr', payload: 'Body', type: 'kind', key: 'customer', createdAt: 'made' };
const bare = { id: 'nr', payload: 'Body', type: null, key: null, createdAt: null };
const make = `nr bigint primary key, "Body" jsonb, kind text, customer text, made timestamp`;
const rows = `(2, '{"n":2}', 'Paid', 'c-2', '2026-03-01 11:30'), (10, '{"n":10}', 'Paid', 'c-1', null),
  (3, '{"n":3}', 'Owed', 'c-1', '2026-03-01 11:00')`;

describe.each([
  ['a boolean', 'boolean', { column: 'sent', values: null }, 'true', 'true'],
  ['a time', 'timestamptz', { column: 'sent', values: null }, 'now()', '202'],
  [
    'a status',
    'status',
    { column: 'sent', values: { before: 'NEW', after: "SE'NT" } },
    "'CANCELLED'",
    "SE'NT",
  ],
])('a table with %s', (_, type, dispatched, done, after) => {
  const table = "What's left";
  const source = (names: typeof columns | typeof bare = columns) =>
    ({ kind: 'table', schema: foreign.schema, table, columns: names, dispatched }) as const;

  beforeEach(async () => {
    const { client, schema } = foreign;
    await client.query(`create type ${schema}.status as enum ('NEW', 'SE''NT', 'CANCELLED')`);
    await client.query(`set search_path = ${schema}`);
    const kept = type === 'status' ? "default 'NEW'" : '';
    await client.query(`create table "${table}" (${make}, sent ${type} ${kept})`);
    await client.query(`insert into "${table}" values ${rows}`);
    await client.query(`insert into "${table}" values (1, '{}', 'Paid', 'c-1', null, ${done})`);
  });

  it('lists, shows, takes and marks', async () => {
    const outbox = foreign.open(source());
    const told = (await listed(outbox, noon)).map(({ id, about, key }) => [id, about, key]);
    expect(told).toEqual([
      ['3', 'Owed', 'c-1'],
      ['2', 'Paid', 'c-2'],
      ['10', 'Paid', 'c-1'],
    ]);
    expect(String((await outbox.show('10'))?.messages[0]?.body)).toBe('{"n": 10}');
    expect(await stateOf(outbox, '1')).toBe('dispatched');
    await (await taken(outbox, '2')).mark();
    expect(await stateOf(outbox, '2')).toBe('dispatched');
    expect((await listed(outbox, noon)).map(({ id }) => id)).toEqual(['3', '10']);
    const found = await foreign.client.query(`select sent::text from "${table}" where nr = 2`);
    expect(found.rows[0].sent).toContain(after);
    const untouched = await foreign.client.query(`select sent::text from "${table}" where nr = 3`);
    expect(untouched.rows[0].sent).toBe(type === 'status' ? 'NEW' : null);
  });

  it('without a type and a key, every row is an entity of its own', async () => {
    const outbox = foreign.open(source(bare), { name: "lef't" });
    const { sends, release } = await taken(outbox, '2');
    await release();
    expect(sends.map(({ type: of, key }) => [of, key])).toEqual([["lef't", '2']]);
    expect(await outbox.count(0)).toBe(3);
  });
});

it.each([
  ['bytea', `'\\x00ff'`, [0, 255]],
  ['text', `'ä'`, [0xc3, 0xa4]],
  ['json', `'{"a":  1}'`, [...Buffer.from('{"a":  1}')]],
])('a body of type %s travels as it is', async (type, value, bytes) => {
  await foreign.client.query(
    `create table ${foreign.schema}.t (id uuid primary key, body ${type}, sent boolean)`,
  );
  const id = randomUUID();
  await foreign.client.query(`insert into ${foreign.schema}.t values ('${id}', ${value})`);
  const outbox = foreign.open({
    ...{ kind: 'table', schema: foreign.schema, table: 't' },
    columns: { ...bare, id: 'id', payload: 'body' },
    dispatched: { column: 'sent', values: null },
  });
  const row = await taken(outbox, id);
  await row.release();
  expect([...(row.sends[0]?.body ?? [])]).toEqual(bytes);
});
