/** Staged commit records and markers after crashes: what counts is told, the rest is cleared away. */
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Bucket } from '../../../src/backends/aws/s3/bucket.js';
import { S3BusinessStore } from '../../../src/backends/aws/s3/business.js';
import { openClients } from '../../../src/backends/aws/s3/clients.js';
import { Deletes } from '../../../src/backends/aws/s3/deletes.js';
import { EntityStore } from '../../../src/backends/aws/s3/entity-store.js';
import { Life } from '../../../src/backends/aws/s3/life.js';
import { Markers } from '../../../src/backends/aws/s3/markers.js';
import { type Folder, Names } from '../../../src/backends/aws/s3/names.js';
import type { S3Options } from '../../../src/backends/aws/s3/options.js';
import { RequestCounts } from '../../../src/backends/aws/s3/request-counts.js';
import { sweepMarkers } from '../../../src/backends/aws/s3/sweep.js';
import type { CommitRecord } from '../../../src/engine/ports.js';
import { always, bytes, conflicts, entry, id, refusal, slot } from '../../conformance/fixtures.js';
import { at, opened, options, provisioned } from './open.js';
import { type Fate, FaultProxy, type Seen } from './proxy.js';

let given: S3Options;
let proxy: FaultProxy;

beforeEach(async () => {
  given = options();
  await provisioned(given);
  proxy = await FaultProxy.start(given.aws.endpoint ?? '');
  onTestFinished(() => proxy.stop());
});

const isEntityWrite = ({ method, path }: Seen) => method === 'PUT' && path.includes('/entities/');

function record(fields: Partial<CommitRecord> = {}): CommitRecord {
  return {
    endpoint: 'orders',
    messageId: id(),
    key: 'k',
    transaction: id(),
    previous: null,
    version: 1,
    before: '',
    after: '',
    outgoing: [],
    ...fields,
  };
}

/** A worker that dies after it staged everything and before it wrote the entity. */
async function dieBeforeCommit(expected: number, messageId = id()): Promise<CommitRecord> {
  const { business } = await opened(at(given, proxy.endpoint));
  proxy.fate = (seen) => (isEntityWrite(seen) ? 'lose-request' : 'pass');
  const staged = record({ messageId, version: expected + 1 });
  const change = { state: bytes('lost'), entry: entry(messageId, 'k'), record: staged };
  const error = await refusal(business.commit('orders', 'k', expected, change));
  expect(error.happened).toBe('unknown');
  return staged;
}

async function objects(folder: Folder): Promise<number> {
  const { bucket } = raw();
  let count = 0;
  for await (const page of bucket.pages(new Names(given.prefix).folder(folder)))
    count += page.length;
  return count;
}

function raw() {
  const clients = openClients(given.aws);
  onTestFinished(() => clients.destroy());
  const counts = new RequestCounts();
  return { bucket: new Bucket(given.bucket, clients, counts, 'maintenance'), counts };
}

function sweep(): Promise<number> {
  const { bucket, counts } = raw();
  const names = new Names(given.prefix);
  const life = new Life();
  const entities = new EntityStore(bucket, names);
  const parts = {
    entities,
    markers: new Markers(bucket, names),
    deletes: new Deletes(bucket),
    life,
  };
  const business = new S3BusinessStore({ ...parts, staging: null, counts });
  return sweepMarkers({ ...parts, business }, always);
}

it('a record whose commit never came does not count, and goes once another commit came', async () => {
  const { business, records } = await opened(given);
  await dieBeforeCommit(0);
  expect(await records.takeRecords(10)).toEqual([]);
  expect(await objects('records')).toBe(1);
  const own = record();
  await business.commit('orders', 'k', 0, { state: bytes('1'), record: own });
  expect(await records.takeRecords(10)).toEqual([own]);
  expect(await objects('records')).toBe(1);
  await records.dropTaken();
  expect(await objects('records')).toBe(0);
});

it('records are reached through commits that leave none', async () => {
  const { business, records } = await opened(given);
  const all = [record({ version: 1 }), record({ version: 3 }), record({ version: 4 })];
  const [first, second, third] = all as [CommitRecord, CommitRecord, CommitRecord];
  await business.commit('orders', 'k', 0, { record: first });
  await business.commit('orders', 'k', 1, { registry: [] });
  await dieBeforeCommit(2);
  await business.commit('orders', 'k', 2, { record: second });
  await business.commit('orders', 'k', 3, { record: third });
  expect(await records.takeRecords(10)).toEqual(all);
});

it('an auditor that starts anew takes what was not dropped, each once and in order', async () => {
  const { business, records } = await opened(given);
  const all = Array.from({ length: 6 }, (_, at) => record({ version: at + 1 }));
  for (const [version, one] of all.entries()) {
    await business.commit('orders', 'k', version, { record: one });
  }
  await records.takeRecords(4);
  await records.dropTaken();
  const next = await opened(given);
  expect(await next.records.takeRecords(10)).toEqual(all.slice(4));
});

it('records of many entities come out while workers go on committing', async () => {
  const { business, records } = await opened(given);
  const other = await opened(given);
  const keys = Array.from({ length: 8 }, (_, at) => `k${at}`);
  const written: string[] = [];
  const working = keys.map(async (key, at) => {
    const store = at % 2 ? business : other.business;
    for (let version = 0; version < 12; version++) {
      const one = record({ key, version: version + 1 });
      await store.commit('orders', key, version, { record: one });
      written.push(one.transaction);
    }
  });
  const taken: CommitRecord[] = [];
  let isOver = false;
  const done = Promise.all(working).then(() => {
    isOver = true;
  });
  for (let last = false; ; last = isOver) {
    const page = await records.takeRecords(5);
    taken.push(...page);
    await records.dropTaken();
    if (page.length === 0 && last) break;
  }
  await done;
  expect(taken.map(({ transaction }) => transaction).sort()).toEqual(written.sort());
  for (const key of keys) {
    const versions = taken.filter((one) => one.key === key).map(({ version }) => version);
    expect(versions).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
  }
  expect(await objects('records')).toBe(0);
});

it('a commit that overtakes the look at the records hides none of those before it', async () => {
  const { business } = await opened(given);
  const [first, second] = [record({ version: 1 }), record({ version: 2 })];
  await business.commit('orders', 'k', 0, { record: first });
  await dieBeforeCommit(1);
  const auditor = await opened(at(given, proxy.endpoint));
  let isOvertaken = false;
  proxy.fate = async ({ method, path }): Promise<Fate> => {
    if (method !== 'GET' || !path.includes('/entities/') || isOvertaken) return 'pass';
    isOvertaken = true;
    await business.commit('orders', 'k', 1, { record: second });
    return 'pass';
  };
  expect(await auditor.records.takeRecords(10)).toEqual([first, second]);
  expect(isOvertaken).toBe(true);
});

it('a marker without its commit is not pending, and a sweep ends the chance that it comes', async () => {
  const { business } = await opened(given);
  const { messageId } = await dieBeforeCommit(0);
  expect(await business.listPending('orders', always, null, 10)).toEqual([]);
  expect(await business.settle('orders', messageId, 'any', { step: 'removed' })).toBe('missing');
  expect(await objects('pending')).toBe(1);
  expect(await sweep()).toBe(1);
  expect(await objects('pending')).toBe(0);
  await conflicts(business.commit('orders', 'k', 0, { entry: entry(messageId, 'k') }));
  expect((await business.load('orders', 'k', messageId)).version).toBe(1);
});

it('a sweep leaves markers of entries and slots that are there', async () => {
  const { business } = await opened(given);
  const own = entry(id(), 'k');
  await business.commit('orders', 'k', 0, { entry: own, slot: slot(id()) });
  const before = await business.load('orders', 'k', own.messageId);
  expect(await sweep()).toBe(0);
  expect(await objects('pending')).toBe(2);
  expect(await business.load('orders', 'k', own.messageId)).toEqual(before);
});

it('what ends takes its marker with it, and a lost race leaves none', async () => {
  const stores = await opened({ ...given });
  const { business } = stores;
  const own = entry(id(), 'k');
  await business.commit('orders', 'k', 0, { entry: own });
  await business.commit('orders', 'k', 1, { slot: slot(id()) });
  await business.commit('orders', 'k', 2, { slot: null });
  await business.settle('orders', own.messageId, 'any', { step: 'removed' });
  const other = await opened(given);
  const copies = [id(), id()];
  const racing = Array.from({ length: 8 }, (_, at) => {
    const store = at % 4 < 2 ? business : other.business;
    const change = { entry: entry(copies[at % 2] ?? '', 'k'), record: record() };
    return store.commit('orders', 'k', 3, change);
  });
  const winners = (await Promise.allSettled(racing)).filter(({ status }) => status === 'fulfilled');
  expect(winners).toHaveLength(1);
  await Promise.all([stores.close(), other.close()]);
  expect([await objects('pending'), await objects('records')]).toEqual([1, 1]);
  const { business: later } = await opened(given);
  expect(await later.listPending('orders', always, null, 10)).toHaveLength(1);
});

it('an entry of a key too long for a name is found by any process', async () => {
  const { business } = await opened(given);
  const key = `Ä/${'k'.repeat(900)}`;
  const own = entry(id(), key);
  await business.commit('orders', key, 0, { entry: own });
  const other = await opened(given);
  const [found] = await other.business.listPending('orders', always, null, 10);
  expect([found?.key, found?.messageId]).toEqual([key, own.messageId]);
  const removed = { step: 'removed' } as const;
  expect(await other.business.settle('orders', own.messageId, 'any', removed)).toBe('settled');
});
