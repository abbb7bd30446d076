/** What DynamoDB does not take: said clearly, where possible before anything is sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, entry, id, message, noise, refusal } from '../conformance/fixtures.js';
import { makeTables, openStores, optionsFor, type Stores, servers } from './dynamodb/stores.js';

describe.each(servers())('$title', (server) => {
  const options = optionsFor(server);
  let stores: Stores;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    remove = await makeTables(options);
    stores = await openStores(options);
  });
  afterAll(async () => {
    await stores.opened.close();
    await remove();
  });

  it('a state or an entry of more than 400 KiB is refused without a request', async () => {
    const messages = [message('next', { body: noise(410 * 1024) })];
    const before = stores.opened.counts();
    for (const change of [
      { state: noise(401 * 1024) },
      { entry: entry(id(), 'large', { messages }) },
    ]) {
      const error = await refusal(stores.business.commit('orders', 'large', 0, change));
      expect([error.kind, error.happened]).toEqual(['too-large', 'no']);
      expect(error.hint).toBeDefined();
    }
    expect(stores.opened.counts()['business']?.flushes).toBe(before['business']?.flushes);
  });

  it('a change that fits alone and not beside what is there is refused by the server', async () => {
    const first = await stores.business.commit('orders', 'grows', 0, { state: noise(250 * 1024) });
    const registry = [
      { attempt: id(), messageId: id(), payloads: ['x'.repeat(200_000)], worker: 'w', at: 1 },
    ];
    const error = await refusal(stores.business.commit('orders', 'grows', first, { registry }));
    expect([error.kind, error.happened]).toEqual(['too-large', 'no']);
    expect((await stores.business.load('orders', 'grows', id())).version).toBe(first);
  });

  it.runIf(server.layout === 'inside')('what one answer cannot hold is asked again', async () => {
    const keys = Array.from({ length: 50 }, (_, index) => `wide-${index}`);
    const state = noise(380 * 1024);
    for (const key of keys) await stores.business.commit('orders', key, 0, { state });
    const found = await Promise.all(keys.map((key) => stores.business.load('orders', key, id())));
    expect(found.map((one) => one.state?.byteLength)).toEqual(keys.map(() => state.byteLength));
  });

  it('the capacity of a failed condition is counted, by the size of what was there', async () => {
    const before = stores.opened.capacity()['business']?.failed ?? 0;
    await stores.business.commit('orders', 'size', 0, { state: noise(10 * 1024) });
    await refusal(stores.business.commit('orders', 'size', 0, { state: bytes('lost') }));
    const failed = (stores.opened.capacity()['business']?.failed ?? 0) - before;
    // dynalite does not give back what was there; the service and DynamoDB Local do.
    expect(failed).toBe(server.title === 'dynalite' ? 1 : 11);
  });

  it('reads and writes are counted in units, those of the audit apart', async () => {
    const before = stores.opened.capacity();
    const key = id();
    await stores.business.commit('orders', key, 0, { state: noise(100) });
    await stores.business.load('orders', key, id());
    const after = stores.opened.capacity();
    expect((after['business']?.write ?? 0) - (before['business']?.write ?? 0)).toBe(1);
    const read = (after['business']?.read ?? 0) - (before['business']?.read ?? 0);
    expect(read).toBe(server.layout === 'apart' ? 4 : 1);
    expect(after['audit']).toEqual(before['audit']);
  });

  it('a table that is missing is said to be, with the command that makes it', async () => {
    const elsewhere = await openStores({ ...options, table: `none-${id()}` });
    const error = await refusal(elsewhere.business.load('orders', 'k', id()));
    await elsewhere.opened.close();
    expect([error.kind, error.happened]).toEqual(['unreachable', 'no']);
    expect(error.hint).toContain('deploy up');
  });
});
