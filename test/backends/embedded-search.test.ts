import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import { IdSource } from '../../src/engine/ids.js';
import { entry, failure, id, message, receiveOne, slot } from '../conformance/fixtures.js';

let folder: string;
let deployment: EmbeddedDeployment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-search-'));
  deployment = await openEmbedded({ folder, layout: 'separate', worker: 'own' });
});

afterAll(async () => {
  await deployment.close();
  await rm(folder, { recursive: true, force: true });
});

it('finds a message behind bodies and failures of any size', async () => {
  const { broker } = deployment.ports;
  const wanted: string[] = [];
  for (const size of [0, 100, 5_000, 70_000, 3_000_000]) {
    const sent = message('large', { body: new Uint8Array(size).fill(0xa2) });
    await broker.send([sent]);
    const { receipt } = await receiveOne(broker, 'large');
    const reason = failure('x'.repeat(size), { stack: 'y'.repeat(size) });
    await broker.release('large', receipt, { delay: 60_000, failure: reason });
    wanted.push(sent.id);
  }
  for (const one of wanted) {
    const [copy, ...more] = await deployment.upkeep.broker.copies(['large'], one, 10);
    expect([copy?.message.id, more.length]).toEqual([one, 0]);
  }
  const all = await deployment.upkeep.broker.copiesOf(['large'], new Set(wanted));
  expect(all.map((copy) => copy.message.body.length).sort((a, b) => a - b)).toEqual([
    0, 100, 5_000, 70_000, 3_000_000,
  ]);
});

it('finds the oldest entry wherever its id lies: of a clock ahead, foreign, long before', async () => {
  const now = Date.now();
  const minute = 60_000;
  const made = (minutes: number) => new IdSource().next(now + minutes * minute);
  const maybeOldest = ['foreign', '0-foreign', '~foreign', made(60), made(-100)];
  const ids = [...maybeOldest, made(-50), made(-10), made(0)];
  for (const [at, oldest] of maybeOldest.entries()) {
    const endpoint = `oldest-${at}`;
    for (const messageId of ids) {
      const committedAt = messageId === oldest ? now - 100 * minute : now - 1_000;
      const written = entry(messageId, messageId, { committedAt });
      await deployment.ports.business.commit(endpoint, messageId, 0, { entry: written });
    }
    const { oldestPending, countPending } = deployment.upkeep.business;
    const found = await oldestPending(endpoint, now, 1);
    expect(found.map(({ messageId }) => messageId)).toEqual([oldest]);
    const counted = await countPending(endpoint, now - 90 * minute, 9);
    expect(counted, oldest).toEqual({ count: 1, exact: true });
  }
});

it('keeps the list of what is unfinished right through every change of slot and registry', async () => {
  const { business } = deployment.ports;
  const registration = { attempt: id(), messageId: id(), payloads: [], worker: 'w', at: 1 };
  const [one, two] = [slot(id(), { committedAt: 1_000 }), slot(id(), { committedAt: 2_000 })];
  const listed = () => deployment.upkeep.business.oldestPending('marks', 10_000, 10);
  const page = { prefix: '', after: null, limit: 10 };
  const registered = () => deployment.upkeep.business.registered('marks', page);
  const steps = [
    { change: { registry: [registration] }, times: [], count: 1 },
    { change: { slot: one }, times: [1_000], count: 1 },
    { change: { slot: two }, times: [2_000], count: 1 },
    { change: { registry: [] }, times: [2_000], count: 1 },
    { change: { slot: null, registry: [registration] }, times: [], count: 1 },
    { change: { registry: [] }, times: [], count: 0 },
    { change: { slot: one }, times: [1_000], count: 1 },
    { change: { slot: null }, times: [], count: 0 },
  ];
  for (const [version, { change, times, count }] of steps.entries()) {
    await business.commit('marks', 'k', version, change);
    expect((await listed()).map(({ committedAt }) => committedAt)).toEqual(times);
    expect((await registered()).length).toBe(count);
  }
});
