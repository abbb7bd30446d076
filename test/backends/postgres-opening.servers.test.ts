import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/backends/postgres/index.js';
import type { OpenedStores, PortName } from '../../src/engine/backend.js';
import { entry, eventually, id, message } from '../conformance/fixtures.js';
import {
  allPorts,
  asSuperuser,
  create,
  freshSchema,
  urlOf,
  withClient,
} from './postgres-fixtures.js';

const schema = freshSchema();
const opened: OpenedStores[] = [];

beforeAll(() => create({ url: urlOf(), schema }));
afterEach(async () => {
  for (const stores of opened.splice(0)) await stores.close();
});
afterAll(() => asSuperuser(`drop schema ${schema} cascade`));

async function open(ports: readonly PortName[], more = {}): Promise<OpenedStores> {
  const options = { url: urlOf(), schema, worker: id(), retentionMs: 60_000, maintain: false };
  const stores = await openPostgres({ ...options, ports, ...more });
  opened.push(stores);
  return stores;
}

async function countOf(table: string): Promise<number> {
  return withClient(urlOf(), async (client) => {
    const { rows } = await client.query(`select count(*)::int as rows from ${schema}.${table}`);
    return Number(rows[0].rows);
  });
}

describe('opening stores on PostgreSQL', () => {
  it.each([
    [['dedupe'], ['dedupe']],
    [['broker'], ['broker']],
    [
      ['business', 'payload'],
      ['business', 'payload'],
    ],
    [
      ['broker', 'business'],
      ['broker', 'business', 'island'],
    ],
  ] as [PortName[], string[]][])('with %j gives %j and their evidence', async (wanted, given) => {
    const { ports, evidence } = await open(wanted);
    expect(Object.keys(ports).sort()).toEqual(given);
    expect(Object.keys(evidence).sort()).toEqual(wanted);
  });

  it('takes three connections where nothing is received, four otherwise, and gives them back', async () => {
    const connections = (worker: string) =>
      withClient(urlOf(), async (client) => {
        const { rows } = await client.query(
          'select count(*)::int as open from pg_stat_activity where application_name = $1',
          [`oncectl ${worker}`],
        );
        return Number(rows[0].open);
      });
    for (const [ports, expected] of [
      [['dedupe'], 3],
      [allPorts, 4],
    ] as const) {
      const worker = id();
      const stores = await open(ports, { worker });
      expect(await connections(worker)).toBe(expected);
      await stores.close();
      await eventually(
        'none',
        5_000,
        () => connections(worker),
        (open) => open === 0,
      );
    }
  });

  it('tells the server’s processor time, the bytes on its disk, and its own round trips', async () => {
    const stores = await open(allPorts);
    const before = (await stores.serverCpuSeconds?.()) ?? 0;
    expect(before).toBeGreaterThan(0);
    const many = Array.from({ length: 2_000 }, () => message('many'));
    await stores.ports.broker?.send(many);
    expect((await stores.serverCpuSeconds?.()) ?? 0).toBeGreaterThanOrEqual(before);
    expect(await stores.storeBytes()).toBeGreaterThan(2_000 * 100);
    const { writes } = stores.counts();
    // One send, and the number that copies are counted from.
    expect(writes).toEqual({ flushes: 2, operations: 2 });
  });

  it('purges what is overdue when it is to maintain, and leaves what is not', async () => {
    const young = { by: 'w', at: Date.now(), expires: Date.now() + 60_000 };
    const old = { by: 'w', at: 1, expires: 2 };
    const looking = await open(allPorts, { retentionMs: 0 });
    const { dedupe, business, island } = looking.ports;
    for (let count = 0; count < 3; count++) {
      await dedupe?.add('e', id(), old);
      await island?.enter([message('e')]);
      const written = entry(id(), id());
      await business?.commit('e', written.key, 0, { entry: written });
      await business?.settle('e', written.messageId, 'any', { step: 'dispatched', at: 1 });
    }
    const kept = id();
    await dedupe?.add('e', kept, young);
    const tables = ['dedupe', 'entered', 'dispatched'];
    const counts = () => Promise.all(tables.map(countOf));
    expect(await counts()).toEqual([4, 3, 3]);
    await open(allPorts, { maintain: true });
    await eventually('the purge', 10_000, counts, ([dedupe, ...rest]) => {
      return dedupe === 1 && rest.every((left) => left === 0);
    });
    expect(await dedupe?.has('e', kept)).toBe(true);
  });
});
