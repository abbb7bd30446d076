/**
 * What a message costs, in requests and in units: a change that makes it dearer shows here.
 *
 * The servers report less than the service: dynalite leaves out what an index takes, and both take
 * nothing for a read of a key that is not there, where the service takes a unit.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, entry, id, message } from '../conformance/fixtures.js';
import { makeTables, openStores, optionsFor, type Stores, servers } from './dynamodb/stores.js';

const keys = Array.from({ length: 60 }, id);

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

  it('a message of a small entity, with others under way', async () => {
    for (const key of keys) await stores.business.commit('orders', key, 0, { state: bytes('x') });
    const before = figures(stores);
    await Promise.all(keys.map((key) => handle(stores, key)));
    const after = figures(stores);
    const perMessage = (of: keyof typeof after) =>
      Math.round(((after[of] - before[of]) / keys.length) * 100) / 100;
    const isApart = server.layout === 'apart';
    // A commit, the end of its entry, and the index at both: a unit each, twice that in a transaction.
    const index = server.title === 'dynalite' ? 0 : 1;
    expect(perMessage('written')).toBe(isApart ? 8 : 2 + 2 * index);
    expect(perMessage('read')).toBe(isApart ? 4 : 1);
    expect(perMessage('added')).toBe(1);
    expect(perMessage('requests')).toBeLessThanOrEqual(isApart ? 3 : 2.2);
    // At worst each record goes alone; looking for them goes together.
    expect(perMessage('dedupeRequests')).toBeLessThanOrEqual(1.1);
  });
});

function figures({ opened }: Stores) {
  const { business: units, dedupe } = opened.capacity();
  const counts = opened.counts();
  return {
    written: units?.write ?? 0,
    read: units?.read ?? 0,
    added: dedupe?.write ?? 0,
    requests: counts['business']?.flushes ?? 0,
    dedupeRequests: counts['dedupe']?.flushes ?? 0,
  };
}

/** The steps of dedupe-store, each on the stores as its protocol takes them. */
async function handle({ business, dedupe }: Stores, key: string): Promise<void> {
  const messageId = id();
  const { version } = await business.load('orders', key, messageId);
  if (await dedupe.has('orders', messageId)) return;
  const change = {
    state: bytes('x'.repeat(100)),
    transaction: id(),
    entry: entry(messageId, key, { messages: [message('next')] }),
  };
  await business.commit('orders', key, version, change);
  const expires = Date.now() + 60_000;
  await dedupe.add('orders', messageId, { by: 'w', at: Date.now(), expires });
  await business.settle('orders', messageId, 'any', { step: 'removed' });
}
