/**
 * Answers of DynamoDB that are lost on the way. The SDK repeats the request by itself, and it then meets
 * what its first attempt wrote: that is no lost race.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, conflicts, entry, id, refusal } from '../conformance/fixtures.js';
import { openProxy, type TcpProxy } from '../servers/proxy.js';
import {
  makeTables,
  openStores,
  optionsFor,
  portOf,
  type Stores,
  servers,
} from './dynamodb/stores.js';

/** What the SDK sends of one request at most. */
const attempts = 5;

describe.each(servers())('$title', (server) => {
  const write = server.layout === 'apart' ? 'TransactWriteItems' : 'UpdateItem';
  let proxy: TcpProxy;
  let stores: Stores;
  let other: Stores;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const options = optionsFor(server);
    remove = await makeTables(options);
    proxy = await openProxy(portOf(server));
    const { aws } = optionsFor(server, proxy.port);
    stores = await openStores({ ...options, aws });
    other = await openStores(options);
  });
  afterAll(async () => {
    await stores.opened.close();
    await other.opened.close();
    proxy.close();
    await remove();
  });

  it('a commit whose answer was lost resolves, and is there once', async () => {
    const own = entry(id(), 'k1');
    const lost = proxy.loseNextAnswer(write);
    const version = await stores.business.commit('orders', 'k1', 0, {
      state: bytes('1'),
      entry: own,
    });
    await lost;
    expect(version).toBe(1);
    expect(await other.business.load('orders', 'k1', own.messageId)).toMatchObject({
      version: 1,
      entry: { transaction: own.transaction },
    });
  });

  it('a commit that lost its race is a conflict, also when the answer was lost', async () => {
    await other.business.commit('orders', 'k2', 0, { state: bytes('theirs') });
    const own = entry(id(), 'k2');
    const lost = proxy.loseNextAnswer(write);
    const change = { state: bytes('ours'), entry: own };
    await conflicts(stores.business.commit('orders', 'k2', 0, change));
    await lost;
  });

  it('a commit whose every answer is lost is unknown, never a failure', async () => {
    const all = Array.from({ length: attempts }, () => proxy.loseNextAnswer(write));
    const change = { state: bytes('1'), entry: entry(id(), 'k3') };
    const error = await refusal(stores.business.commit('orders', 'k3', 0, change));
    await Promise.all(all);
    expect(error.happened).toBe('unknown');
    expect((await other.business.load('orders', 'k3', id())).version).toBe(1);
  });

  it('an entry that was checked is settled, though the answer was lost', async () => {
    const own = entry(id(), 'k4');
    await stores.business.commit('orders', 'k4', 0, { entry: own });
    const lost = proxy.loseNextAnswer('UpdateItem');
    const to = { step: 'checked', payloads: { a: id() } } as const;
    expect(await stores.business.settle('orders', own.messageId, 'committed', to)).toBe('settled');
    await lost;
    const found = await other.business.load('orders', 'k4', own.messageId);
    expect(found.entry).toMatchObject({ step: 'checked', payloads: to.payloads });
  });

  it('an entry that was removed is gone, though the answer was lost', async () => {
    const own = entry(id(), 'k5');
    await stores.business.commit('orders', 'k5', 0, { entry: own });
    const lost = proxy.loseNextAnswer(server.layout === 'apart' ? 'DeleteItem' : 'UpdateItem');
    const to = { step: 'removed' } as const;
    const settled = await stores.business.settle('orders', own.messageId, 'committed', to);
    await lost;
    // Whether it was we or another is not told any more; that it is gone is.
    expect(settled).toBe('missing');
    expect((await other.business.load('orders', 'k5', own.messageId)).entry).toBeNull();
  });

  it('a dedupe record whose answer was lost is there', async () => {
    const messageId = id();
    const lost = proxy.loseNextAnswer('BatchWriteItem');
    const expires = Date.now() + 60_000;
    await stores.dedupe.add('orders', messageId, { by: 'w', at: Date.now(), expires });
    await lost;
    expect(await other.dedupe.has('orders', messageId)).toBe(true);
  });

  it('a server that is not there is unreachable, and nothing happened', async () => {
    const nowhere = await openStores(optionsFor(server, 1));
    const error = await refusal(nowhere.business.commit('orders', 'k6', 0, { state: bytes('1') }));
    await nowhere.opened.close();
    expect([error.kind, error.happened]).toEqual(['unreachable', 'no']);
  });

  it('a server that goes away in the middle is unreachable, and back it goes on', async () => {
    await stores.business.load('orders', 'k7', id());
    proxy.cut();
    const error = await refusal(stores.business.commit('orders', 'k7', 0, { state: bytes('1') }));
    await proxy.restore();
    expect([error.kind, error.happened]).toEqual(['unreachable', 'unknown']);
    expect(await stores.business.commit('orders', 'k7', 0, { state: bytes('1') })).toBe(1);
  });
});
