/** The index of what is pending holds an item exactly as long as something of it is pending. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, entry, id, slot } from '../conformance/fixtures.js';
import {
  itemsOf,
  makeTables,
  openStores,
  optionsFor,
  type Stores,
  servers,
} from './dynamodb/stores.js';

const removed = { step: 'removed' } as const;

describe.each(servers())('$title', (server) => {
  const options = optionsFor(server);
  const table = server.layout === 'apart' ? 'entries' : 'entities';
  let stores: Stores;
  let stranger: Stores;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    remove = await makeTables(options);
    stores = await openStores(options);
    stranger = await openStores(options);
  });
  afterAll(async () => {
    await stores.opened.close();
    await stranger.opened.close();
    await remove();
  });

  const marked = async (of: typeof table | 'entities') =>
    (await itemsOf(options, of)).filter(({ pending }) => pending !== undefined).length;

  it('of one entry', async () => {
    const own = entry(id(), 'one');
    await stores.business.commit('orders', 'one', 0, { entry: own });
    expect(await marked(table)).toBe(1);
    await stores.business.settle('orders', own.messageId, 'any', removed);
    expect(await marked(table)).toBe(0);
  });

  it('of many entries of one entity, removed at once by one that never saw them', async () => {
    const ids: string[] = [];
    for (let version = 0; version < 12; version++) {
      const own = entry(id(), 'many');
      await stores.business.commit('orders', 'many', version, { entry: own });
      ids.push(own.messageId);
    }
    const outcomes = ids.map((one) =>
      stranger.business.settle('orders', one, 'committed', removed),
    );
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['settled']));
    expect(await marked(table)).toBe(0);
    expect((await stores.business.load('orders', 'many', id())).version).toBe(12);
  });

  it('of a slot, also of one that another process took', async () => {
    const version = await stranger.business.commit('orders', 'slot', 0, { slot: slot(id()) });
    expect(await marked('entities')).toBe(1);
    const found = await stores.business.load('orders', 'slot', id());
    expect(found.version).toBe(version);
    await stores.business.commit('orders', 'slot', version, { slot: null, registry: [] });
    expect(await marked('entities')).toBe(0);
  });

  it('settling a busy entity takes a few requests, however often it is committed', async () => {
    const ids: string[] = [];
    for (let version = 0; version < 10; version++) {
      const own = entry(id(), 'busy');
      await stores.business.commit('orders', 'busy', version, { entry: own });
      ids.push(own.messageId);
    }
    for (const one of ids) await stores.business.load('orders', 'busy', one);
    const before = stores.opened.counts()['business']?.flushes ?? 0;
    const settling = Promise.all(
      ids.map((one) => stores.business.settle('orders', one, 'committed', removed)),
    );
    let version = 10;
    for (let count = 0; count < 10; count++) {
      version = await stranger.business.commit('orders', 'busy', version, { state: bytes('x') });
    }
    await settling;
    const requests = (stores.opened.counts()['business']?.flushes ?? 0) - before;
    expect(requests).toBeLessThanOrEqual(ids.length + 2);
  });
});
