/** Upkeep of SQS beyond the conformance suite: what a look costs and leaves behind, orders together. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenedSqs } from '../../../src/backends/aws/sqs/index.js';
import type { BrokerUpkeep } from '../../../src/engine/upkeep.js';
import {
  failure,
  longLease,
  message,
  receiveNow,
  receiveOne,
  refusal,
  same,
} from '../../conformance/fixtures.js';
import { SqsFixture } from './sqs-fixture.js';

let fixture: SqsFixture;
let opened: OpenedSqs;
let upkeep: BrokerUpkeep;

beforeEach(async () => {
  fixture = new SqsFixture();
  opened = await fixture.create();
  const { broker } = opened.upkeep;
  if (!broker) throw new Error('SQS has no upkeep');
  upkeep = broker;
});

afterEach(() => fixture.close());

/** So many dead letters, and their receipts. */
async function buried(count: number): Promise<readonly string[]> {
  const { broker } = opened.ports;
  for (let at = 0; at < count; at++) {
    await broker.send([message('orders')]);
    const { receipt } = await receiveOne(broker, 'orders');
    await broker.deadLetter('orders', receipt, failure());
  }
  const letters = await broker.listDead('orders', null, 100);
  expect(letters).toHaveLength(count);
  return letters.map(({ receipt }) => receipt);
}

it('a look costs the messages nothing: its requests are counted for themselves', async () => {
  await opened.ports.broker.send([message('orders')]);
  const before = opened.counts();
  expect(before['upkeep']).toBeUndefined();
  const billed = opened.requests();
  expect(await upkeep.copies(['orders'], '', 10)).toHaveLength(1);
  expect(opened.requests()).toEqual(billed);
  const { broker, upkeep: looks } = opened.counts();
  expect(broker).toEqual(before['broker']);
  expect(looks?.flushes).toBeGreaterThan(0);
});

it('what was looked at is there for the workers at once, with what it had', async () => {
  const { broker } = opened.ports;
  const sent = message('orders');
  await broker.send([sent]);
  const first = await receiveOne(broker, 'orders');
  const kept = failure('kept');
  await broker.release('orders', first.receipt, { delay: 0, failure: kept });
  const [copy] = await upkeep.copies(['orders'], sent.id, 10);
  same([copy?.message, copy?.failures, copy?.receives], [sent, [kept], 1]);
  const found = await receiveNow(broker, 'orders');
  same(
    found.map((one) => [one.message, one.failures]),
    [[sent, [kept]]],
  );
});

it('a search that has enough stops early, and puts back what it took', async () => {
  const { broker } = opened.ports;
  const all = Array.from({ length: 60 }, () => message('orders'));
  await broker.send(all);
  const before = opened.counts()['upkeep']?.operations ?? 0;
  expect(await upkeep.copies(['orders'], '', 5)).toHaveLength(5);
  // Ten taken and ten put back, and what the first poll of the other queue brings: nothing.
  expect((opened.counts()['upkeep']?.operations ?? 0) - before).toBe(20);
  const found = await broker.receive('orders', 60, {
    visibility: longLease,
    wait: 2_000,
    worker: 'w',
  });
  expect(found.length).toBeGreaterThan(0);
  const { visible, inFlight } = await broker.depth('orders');
  expect(visible + inFlight).toBe(60);
});

it('discards that are ordered together share one search', async () => {
  const receipts = await buried(12);
  expect(await Promise.all(receipts.map((one) => upkeep.discard('orders', one)))).toEqual(
    receipts.map(() => true),
  );
  // Two polls bring the twelve, two batches delete them; the queue's address is one more.
  expect(opened.counts()['upkeep']?.flushes).toBeLessThanOrEqual(6);
  same(await opened.ports.broker.listDead('orders', null, 100), []);
});

it('of two orders for one letter the first counts, the other finds it gone', async () => {
  const [one = '', two = ''] = await buried(2);
  const { broker } = opened.ports;
  expect(await Promise.all([upkeep.discard('orders', one), upkeep.discard('orders', one)])).toEqual(
    [true, false],
  );
  expect(await Promise.all([broker.redrive('orders', two), broker.redrive('orders', two)])).toEqual(
    [true, false],
  );
  await receiveOne(broker, 'orders');
  same(await receiveNow(broker, 'orders'), []);
});

it('a queue that is missing fails the search, and what was taken elsewhere comes back', async () => {
  const { broker } = opened.ports;
  await broker.send([message('orders')]);
  const error = await refusal(upkeep.copies(['orders', 'nowhere'], '', 10));
  expect(error).toMatchObject({ kind: 'unreachable' });
  await receiveOne(broker, 'orders', longLease, 5_000);
});

it('after a close nothing is searched or discarded', async () => {
  await opened.close();
  expect(await refusal(upkeep.copies(['orders'], '', 1))).toMatchObject({ kind: 'aborted' });
  expect(await refusal(upkeep.discard('orders', 'x'))).toMatchObject({ kind: 'aborted' });
});
