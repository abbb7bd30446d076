/** Upkeep of DynamoDB beyond the conformance suite: what is read for it, pages of one search, lost answers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DynamodbOptions } from '../../src/backends/aws/dynamodb/index.js';
import type { DedupeRecord } from '../../src/engine/ports.js';
import type { BusinessUpkeep, DedupeUpkeep } from '../../src/engine/upkeep.js';
import { always, bytes, entry, id, refusal } from '../conformance/fixtures.js';
import { openProxy } from '../servers/proxy.js';
import {
  makeTables,
  openStores,
  optionsFor,
  portOf,
  type Stores,
  servers,
} from './dynamodb/stores.js';

const minute = 60_000;
/** More than a page of the index in each of its shards. */
const many = 600;
const atOnce = 30;
const removed = { step: 'removed' } as const;

interface Opened extends Stores {
  readonly upkeep: { readonly business: BusinessUpkeep; readonly dedupe: DedupeUpkeep };
}

async function open(options: DynamodbOptions): Promise<Opened> {
  const stores = await openStores(options);
  const { business, dedupe } = stores.opened.upkeep;
  if (!business || !dedupe) throw new Error('a part of upkeep is missing');
  return { ...stores, upkeep: { business, dedupe } };
}

describe.each(servers())('$title', (server) => {
  const options = optionsFor(server);
  let stores: Opened;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    remove = await makeTables(options);
    stores = await open(options);
  });
  afterEach(async () => {
    await stores.opened.close();
    await remove();
  });

  const requests = () => stores.opened.counts()['upkeep']?.flushes ?? 0;

  /** An entry of each minute before now, the oldest first. */
  async function everyMinute(count: number): Promise<readonly string[]> {
    const now = Date.now();
    const ids = Array.from({ length: count }, id);
    for (let from = 0; from < count; from += atOnce) {
      await Promise.all(
        ids.slice(from, from + atOnce).map((messageId, at) => {
          const committedAt = now - (count - from - at) * minute;
          const own = entry(messageId, messageId, { committedAt });
          return stores.business.commit('orders', messageId, 0, { entry: own });
        }),
      );
    }
    return ids;
  }

  it('the oldest of many take a few requests, and are counted for themselves', async () => {
    const ids = await everyMinute(many);
    const before = stores.opened.counts();
    expect(before['upkeep']).toBeUndefined();
    const found = await stores.upkeep.business.oldestPending('orders', always, 10);
    expect(found.map(({ messageId }) => messageId)).toEqual(ids.slice(0, 10));
    // A page of the index in each shard of each table, and the reads of four pages.
    expect(requests()).toBeLessThanOrEqual(server.layout === 'apart' ? 12 : 8);
    expect(stores.opened.counts()).toMatchObject(before);
  });

  it('no more is counted than was committed in time, nor read', async () => {
    await everyMinute(many);
    const before = Date.now() - (many - 19.5) * minute;
    const { count, exact } = await stores.upkeep.business.countPending('orders', before, 1000);
    expect([count, exact]).toEqual([20, true]);
    expect(requests()).toBeLessThanOrEqual(server.layout === 'apart' ? 12 : 8);
  });

  it('an entity hides neither the oldest nor the newest of what is pending in it', async () => {
    const now = Date.now();
    const [first, second, other] = [id(), id(), id()];
    const commit = (key: string, version: number, messageId: string, age: number) => {
      const own = entry(messageId, key, { committedAt: now - age * minute });
      return stores.business.commit('orders', key, version, { entry: own });
    };
    await commit('busy', 0, first, 30);
    await commit('busy', 1, second, 10);
    await commit('quiet', 0, other, 25);
    const oldest = async () => {
      const found = await stores.upkeep.business.oldestPending('orders', always, 2);
      return found.map(({ messageId }) => messageId);
    };
    expect(await oldest()).toEqual([first, other]);
    const old = await stores.upkeep.business.countPending('orders', now - 28 * minute, 10);
    expect(old).toEqual({ count: 1, exact: true });
    await stores.business.settle('orders', first, 'any', removed);
    expect(await oldest()).toEqual([other, second]);
    await stores.business.settle('orders', second, 'any', removed);
    await commit('busy', 2, first, 5);
    expect(await oldest()).toEqual([other, first]);
  });

  it('pages of a listing come of one search, each row as it is when it is asked for', async () => {
    const record = (by: string): DedupeRecord => ({ by, at: Date.now(), expires: always });
    const ids = Array.from({ length: 30 }, (_, at) => `m-${String(at).padStart(2, '0')}`);
    for (const one of ids) await stores.dedupe.add('orders', one, record('first'));
    const page = (after: string | null) =>
      stores.upkeep.dedupe.records('orders', { prefix: 'm-', after, limit: 10 });
    const first = await page(null);
    const searched = requests();
    await stores.dedupe.add('orders', 'm-10', record('second'));
    const second = await page('m-09');
    expect(requests() - searched).toBe(1);
    const all = [...first, ...second, ...(await page('m-19'))];
    expect(all.map(({ messageId }) => messageId)).toEqual(ids);
    expect(second[0]?.record.by).toBe('second');
    expect(await page('m-29')).toEqual([]);
  });

  it('a whole id takes one read, wherever else rows lie', async () => {
    const messageId = id();
    const record = { by: 'w', at: Date.now(), expires: always };
    await stores.dedupe.add('orders', messageId, record);
    for (let at = 0; at < 5; at++) await stores.dedupe.add('orders', id(), record);
    const page = { prefix: messageId, after: null, limit: 10 };
    expect(await stores.upkeep.dedupe.records('orders', page)).toEqual([{ messageId, record }]);
    expect(requests()).toBe(1);
    if (server.layout === 'inside') return;
    const own = entry(messageId, 'k');
    await stores.business.commit('orders', 'k', 0, { state: bytes('x'), entry: own });
    expect(await stores.upkeep.business.entries('orders', page)).toEqual([own]);
    expect(requests()).toBe(2);
  });

  it('removing a record whose answer is lost is unknown, and then it is gone', async () => {
    const proxy = await openProxy(portOf(server));
    const { aws } = optionsFor(server, proxy.port);
    const distant = await open({ ...options, aws });
    const messageId = id();
    const record = { by: 'w', at: Date.now(), expires: always };
    await stores.dedupe.add('orders', messageId, record);
    const lost = proxy.loseNextAnswer('DeleteItem');
    const removing = distant.upkeep.dedupe.remove('orders', messageId, record);
    expect(await refusal(removing)).toMatchObject({ happened: 'unknown' });
    await lost;
    expect(await distant.upkeep.dedupe.remove('orders', messageId, record)).toBe(false);
    await distant.opened.close();
    proxy.close();
  });
});
