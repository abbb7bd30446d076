/** What other libraries left in their outboxes is applied once, whatever stops a repair, and however many run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OncectlError } from '../../../src/engine/errors.js';
import { foreignMessageId } from '../../../src/engine/foreign.js';
import { dispatchForeign } from '../../../src/operate/foreign/dispatch.js';
import { foreignNamed, openForeign } from '../../../src/operate/foreign/open.js';
import { ForeignSchema } from '../../backends/foreign/fixture.js';
import { createNServiceBus, storeNServiceBus } from '../../backends/foreign/nservicebus-table.js';
import {
  createTransactionalOutbox,
  storeMessage,
} from '../../backends/foreign/transactional-outbox-table.js';
import { portOf, urlOf } from '../../backends/postgres-fixtures.js';
import { compileProgram, type Program } from '../../conformance/peer/compile.js';
import { openProxy, type TcpProxy } from '../../servers/proxy.js';
import { isFull } from '../length.js';
import { Shop, type ShopOptions } from './shop.js';

const source = join(dirname(fileURLToPath(import.meta.url)), 'program.ts');
const patience = { timeout: 20_000, interval: 20 };
let program: Program;
let folder: string;
let foreign: ForeignSchema;
const opened: Shop[] = [];

beforeAll(async () => {
  program = await compileProgram(source);
});

afterAll(() => program.remove());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-foreign-'));
  foreign = await ForeignSchema.create();
});

afterEach(async () => {
  for (const shop of opened.splice(0)) await shop.close();
  await foreign.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A kind of outbox: made, filled with as many rows as keys, and declared under its name. */
interface Kind {
  readonly name: string;
  fill(keys: readonly string[]): Promise<readonly string[]>;
  declared(): object;
}

const theLibrarys: Kind = {
  name: 'pg-transactional-outbox',
  async fill(keys) {
    await createTransactionalOutbox(foreign.client, foreign.schema);
    const ids = keys.map(() => randomUUID());
    for (const [at, id] of ids.entries()) {
      await storeMessage(foreign.client, foreign.schema, { id, aggregateId: keys[at] ?? '' });
    }
    return ids;
  },
  declared: () => ({
    kind: theLibrarys.name,
    name: theLibrarys.name,
    schema: foreign.schema,
    to: 'orders',
  }),
};

const ownTable: Kind = {
  name: 'left',
  async fill(keys) {
    const { client, schema } = foreign;
    await client.query(
      `create table ${schema}.left (id serial primary key, body json, key text, state text)`,
    );
    for (const key of keys) {
      await client.query(`insert into ${schema}.left (body, key, state) values ('{}', $1, 'NEW')`, [
        key,
      ]);
    }
    return keys.map((_, at) => String(at + 1));
  },
  declared: () => ({
    ...{ kind: 'table', name: 'left', schema: foreign.schema, table: 'left', to: 'orders' },
    columns: { id: 'id', payload: 'body', key: 'key' },
    dispatched: { column: 'state', before: 'NEW', after: 'SENT' },
  }),
};

async function shopWith(options: Omit<ShopOptions, 'folder'>): Promise<Shop> {
  const shop = await Shop.open({ folder, ...options });
  opened.push(shop);
  return shop;
}

function repairing(shop: Shop, outbox: string, killAfter: string, ids: readonly string[]) {
  const args = [program.path, shop.file, shop.folder, outbox, killAfter, ...ids];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** How the process ended, and what it said of each row. */
async function ended(child: ChildProcess) {
  const end = new Promise<string | number | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const said = child.stdout ? await text(child.stdout) : '';
  const lines = said.split('\n').filter((line) => line !== '');
  return {
    end: await end,
    outcomes: new Map(lines.map((line) => line.split(' ') as [string, string])),
  };
}

/** Until the server has noticed that who held a row is gone. */
async function repairToItsEnd(shop: Shop, outbox: string, ids: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    const { end } = await ended(repairing(shop, outbox, '-', ids));
    expect(end).toBe(0);
    expect(await foreignNamed(shop.outboxes, outbox).outbox.count(Date.now() + 60_000)).toBe(0);
  }, patience);
}

async function appliedOnce(shop: Shop, outbox: string, rows: ReadonlyMap<string, string>) {
  await vi.waitFor(async () => expect(await shop.queued()).toBe(0), patience);
  for (const [key, id] of rows) {
    expect(await shop.applied(key), key).toEqual([foreignMessageId(outbox, id)]);
  }
}

const keysOf = (count: number) => Array.from({ length: count }, (_, at) => `order-${at}`);

const plain = ['take', 'send', 'mark'];
const tokened = ['take', 'note', 'put', 'send', 'mark'];

const receivers = [
  { kind: theLibrarys, backend: 'embedded', protocol: 'outbox', steps: plain },
  { kind: theLibrarys, backend: 'embedded', protocol: 'token', steps: tokened },
  { kind: theLibrarys, backend: 'postgres', protocol: 'dedupe-store', steps: plain },
  { kind: ownTable, backend: 'embedded', protocol: 'local-transaction', steps: plain },
  { kind: ownTable, backend: 'postgres', protocol: 'outbox', steps: plain },
  { kind: ownTable, backend: 'postgres', protocol: 'register-commit-publish', steps: tokened },
] as const;

/** The short form: either library once, either way of recognising a duplicate. */
const some = [receivers[0], receivers[5]];

describe.each(isFull ? receivers : some)(
  'rows of $kind.name for $protocol on $backend',
  ({ kind, steps, ...where }) => {
    it('are applied once, although the repair is killed after each of its steps', async () => {
      const keys = keysOf(steps.length + 1);
      const ids = await kind.fill(keys);
      const rows = new Map(keys.map((key, at) => [key, ids[at] ?? '']));
      const shop = await shopWith({ ...where, outboxes: [kind.declared()] });
      await shop.startWorker();
      for (const [at, step] of steps.entries()) {
        const { end } = await ended(repairing(shop, kind.name, step, [ids[at] ?? '']));
        expect([step, end]).toEqual([step, 'SIGKILL']);
      }
      await repairToItsEnd(shop, kind.name, ids);
      await appliedOnce(shop, kind.name, rows);
    });

    it('are applied once by two repairs at a time, each by one of them', async () => {
      const keys = keysOf(20);
      const ids = await kind.fill(keys);
      const shop = await shopWith({ ...where, outboxes: [kind.declared()] });
      await shop.startWorker();
      const both = await Promise.all([
        ended(repairing(shop, kind.name, '-', ids)),
        ended(repairing(shop, kind.name, '-', ids)),
      ]);
      expect(both.map(({ end }) => end)).toEqual([0, 0]);
      const doneBy = ids.map((id) => both.filter(({ outcomes }) => outcomes.get(id) === 'done'));
      expect(doneBy.map(({ length }) => length)).toEqual(ids.map(() => 1));
      await appliedOnce(shop, kind.name, new Map(keys.map((key, at) => [key, ids[at] ?? ''])));
    });
  },
);

describe('a row that was sent and not marked', () => {
  it('is sent again, and dropped by its receiver', async () => {
    const [id = ''] = await ownTable.fill(['order-0']);
    const where = { backend: 'embedded', protocol: 'outbox' } as const;
    const shop = await shopWith({ ...where, outboxes: [ownTable.declared()] });
    await ended(repairing(shop, 'left', 'send', [id]));
    await repairToItsEnd(shop, 'left', [id]);
    expect(await shop.queued()).toBe(2);
    await shop.startWorker();
    await appliedOnce(shop, 'left', new Map([['order-0', id]]));
  });
});

describe('when the answer of the table’s server is lost', () => {
  let proxy: TcpProxy;

  beforeEach(async () => {
    proxy = await openProxy(portOf());
  });

  afterEach(() => proxy.close());

  it.each([
    ['commit\0', 'yielded', 'unknown'],
    ['update "', 'done', 'no'],
  ])(
    'to its %j, the row is %s by the next repair, and applied once',
    async (lost, then, happened) => {
      const [id = ''] = await ownTable.fill(['order-0']);
      const outboxes = [{ ...ownTable.declared(), url: urlOf({ port: proxy.port }) }];
      const shop = await shopWith({ backend: 'embedded', protocol: 'outbox', outboxes });
      await shop.startWorker();
      const left = foreignNamed(shop.outboxes, 'left');
      const repair = () => dispatchForeign(left, id, shop, { observed: null });
      const losing = proxy.loseNextAnswer(lost);
      const error: OncectlError = await repair().then(
        () => expect.unreachable('nothing was lost'),
        (thrown: OncectlError) => thrown,
      );
      expect(error).toMatchObject({ kind: 'unreachable', happened });
      await losing;
      expect(await repair()).toMatchObject({ outcome: then });
      await appliedOnce(shop, 'left', new Map([['order-0', id]]));
    },
  );
});

describe('what is refused', () => {
  it('rows of a library whose envelope oncectl cannot write', async () => {
    await createNServiceBus(foreign.client, foreign.schema, '');
    await storeNServiceBus(foreign.client, `${foreign.schema}."OutboxData"`, 'one', []);
    const outboxes = [{ kind: 'nservicebus', name: 'sales', schema: foreign.schema }];
    const shop = await shopWith({ backend: 'embedded', protocol: 'outbox', outboxes });
    const [sales] = shop.outboxes;
    if (!sales) throw new Error('nothing was opened');
    const refused = dispatchForeign(sales, 'one', shop, { observed: null });
    await expect(refused).rejects.toMatchObject({
      ...{ kind: 'refused', happened: 'no' },
      hint: expect.stringContaining('docs.particular.net/nservicebus/outbox'),
    });
    expect(await sales.outbox.count(Date.now())).toBe(1);
  });

  it('a row that is no message, which stays as it is', async () => {
    const [id = ''] = await ownTable.fill(['']);
    const where = { backend: 'embedded', protocol: 'outbox' } as const;
    const shop = await shopWith({ ...where, outboxes: [ownTable.declared()] });
    const left = foreignNamed(shop.outboxes, 'left');
    const refused = dispatchForeign(left, id, shop, { observed: null });
    await expect(refused).rejects.toMatchObject({ kind: 'invalid-message' });
    expect(await left.outbox.count(0)).toBe(1);
    expect((await left.outbox.dispatch?.take(id, null))?.state).toBe('taken');
  });

  it('an outbox that the profile does not have', async () => {
    await ownTable.fill([]);
    const where = { backend: 'embedded', protocol: 'outbox' } as const;
    const { profile } = await shopWith({ ...where, outboxes: [ownTable.declared()] });
    expect(() => foreignNamed(openForeign(profile), 'lefd')).toThrow('did you mean "left"');
  });
});
