/** What S3 would charge: every request is counted, and what can go together does. */
import { expect, it } from 'vitest';
import type { OpenedS3, RequestCount } from '../../../src/backends/aws/s3/index.js';
import { bytes, entry, id } from '../../conformance/fixtures.js';
import { opened, options, provisioned } from './open.js';

/** The requests that `work` made, as `kind outcome` -> number, of one store. */
async function countOf(
  stores: Pick<OpenedS3, 'requests'>,
  store: RequestCount['store'],
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = sums(stores, store);
  await work();
  const after = sums(stores, store);
  const names = Object.keys(after).filter((name) => after[name] !== before[name]);
  return Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}

function sums(stores: Pick<OpenedS3, 'requests'>, store: string): Record<string, number> {
  const own = stores.requests().filter((one) => one.store === store);
  return Object.fromEntries(own.map((one) => [`${one.kind} ${one.outcome}`, one.requests]));
}

it('a message of a dedupe-store endpoint costs five writes and two reads', async () => {
  const given = options({ audit: false });
  await provisioned(given);
  const stores = await opened(given);
  const { business, dedupe } = stores;
  const own = entry(id(), 'k');
  const business_ = await countOf(stores, 'business', async () => {
    await business.load('orders', 'k', own.messageId);
    await business.commit('orders', 'k', 0, { state: bytes('1'), entry: own });
    await business.settle('orders', own.messageId, 'any', { step: 'removed' });
    await stores.close();
  });
  expect(business_).toEqual({ 'GET 404': 1, 'PUT 200': 3, 'DELETE 204': 1 });
  const again = await opened(given);
  const record = { by: 'w', at: Date.now(), expires: Date.now() + 60_000 };
  const dedupes = await countOf(again, 'dedupe', async () => {
    await again.dedupe.has('orders', own.messageId);
    await again.dedupe.add('orders', own.messageId, record);
  });
  expect(dedupes).toEqual({ 'GET 404': 1, 'PUT 200': 1 });
  expect(dedupe).toBeDefined();
});

it('what audit needs is counted for itself', async () => {
  const given = options();
  await provisioned(given);
  const stores = await opened(given);
  const record = {
    endpoint: 'orders',
    messageId: id(),
    key: 'k',
    transaction: id(),
    previous: null,
    version: 1,
    before: '',
    after: '',
    outgoing: [],
  };
  const audit = await countOf(stores, 'audit', async () => {
    await stores.business.commit('orders', 'k', 0, { state: bytes('1'), record });
    await stores.records.takeRecords(10);
    await stores.records.dropTaken();
  });
  expect(audit).toEqual({ 'PUT 200': 1, 'LIST 200': 1, 'GET 200': 2, 'DELETE 204': 1 });
});

it('30 entries of one entity that are settled at once take a few writes, each its own answer', async () => {
  const given = options();
  await provisioned(given);
  const stores = await opened(given);
  const { business } = stores;
  const entries = Array.from({ length: 30 }, () => entry(id(), 'k'));
  for (const [version, one] of entries.entries()) {
    await business.commit('orders', 'k', version, { entry: one });
  }
  const removed = { step: 'removed' } as const;
  const settle = (messageId: string) => business.settle('orders', messageId, 'any', removed);
  let answers: string[] = [];
  const counts = await countOf(stores, 'business', async () => {
    const all = [...entries.map(({ messageId }) => messageId), id(), id()];
    answers = await Promise.all(all.map(settle));
  });
  expect(answers).toEqual([...entries.map(() => 'settled'), 'missing', 'missing']);
  expect(counts['PUT 200']).toBeLessThanOrEqual(3);
});

it('200 payloads that are deleted at once take a few requests', async () => {
  const given = options();
  await provisioned(given);
  const stores = await opened(given);
  const { payload } = stores;
  const ids = Array.from({ length: 200 }, id);
  const origin = { endpoint: 'orders', messageId: id(), attempt: id() };
  await Promise.all(ids.map((one) => payload.put(one, bytes(one), origin)));
  const counts = await countOf(stores, 'payload', () =>
    Promise.all(ids.map((one) => payload.delete(one))),
  );
  expect(counts).toEqual({ 'DELETE 200': 1 });
  const left = await Promise.all(ids.map((one) => payload.get(one)));
  expect(left.every((one) => one === null)).toBe(true);
});
