/** Faults of single messages: drawn from the message's id, and never from a copy that a fault made. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOff, WorkerFaults } from '../../src/bench/processes/worker-faults.js';
import type { Delivery, Message } from '../../src/engine/message.js';
import type { FaultKind, FaultProfile } from '../../src/profile/types.js';
import { message, receiveNow, refusal } from '../conformance/fixtures.js';
import { World } from '../conformance/memory.js';
import { MemoryBroker } from '../conformance/memory-broker.js';
import { OpenState } from '../conformance/memory-checks.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-faults-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fault(kind: FaultKind, share: number, more: Partial<FaultProfile> = {}): FaultProfile {
  const none = { atMs: 0, everyMs: 0, untilMs: null, endpoint: null, step: null, store: null };
  return { kind, share, forMs: 0, ...none, ...more };
}

function faultsOn(faults: readonly FaultProfile[], isIsland = false) {
  const broker = new MemoryBroker(new World().broker, new OpenState());
  const again: Delivery[] = [];
  const duplicated: Message[] = [];
  const runtime = {
    inFlight: () => 0,
    freeze: () => () => {},
    deliverAgain: (delivery: Delivery) => again.push(delivery),
    stillLeased: async () => true,
    stop: async () => {},
  };
  const workerFaults = new WorkerFaults({
    faults,
    brokerOf: () => broker,
    runtime: () => runtime,
    isIsland: () => isIsland,
    strikeFile: join(folder, 'strikes.ndjson'),
    onDuplicate: (one) => duplicated.push(one),
  });
  return { workerFaults, broker, again, duplicated };
}

function delivered(one: Message, receives = 1): Delivery {
  return { message: one, receipt: 'r', receives, leaseEnd: 0, failures: [] };
}

const many = Array.from({ length: 2000 }, () => message('orders'));

describe('a duplicate', () => {
  it('is one more copy of the message, and is not copied in its turn', async () => {
    const { workerFaults, broker, duplicated } = faultsOn([fault('duplicate', 1)]);
    const original = message('orders');
    workerFaults.received([delivered(original)]);
    const copies = await receiveNow(broker, 'orders');
    expect(copies.map((copy) => copy.message.id)).toEqual([original.id]);
    workerFaults.received(copies);
    expect(await receiveNow(broker, 'orders')).toEqual([]);
    expect(workerFaults.injected.duplicate).toBe(1);
    expect(duplicated.map(({ id }) => id)).toEqual([original.id]);
  });

  it('is the same row once more where the queue is in the database', async () => {
    const { workerFaults, broker, again } = faultsOn([fault('duplicate', 1)], true);
    const original = delivered(message('orders'));
    workerFaults.received([original]);
    await Promise.resolve();
    expect(again.map(({ receipt }) => receipt)).toEqual([original.receipt]);
    workerFaults.received(again);
    await Promise.resolve();
    expect(again).toHaveLength(1);
    expect(await receiveNow(broker, 'orders')).toEqual([]);
  });

  it('is not made of a message that came again', () => {
    const { workerFaults } = faultsOn([fault('duplicate', 1)]);
    workerFaults.received([delivered(message('orders'), 2)]);
    expect(workerFaults.injected.duplicate).toBe(0);
  });
});

it('hits about the share it is given, the same messages in every worker', () => {
  const dropped = () => {
    const { workerFaults } = faultsOn([fault('drop-ack', 0.1)]);
    return many.filter((one) => workerFaults.dropsAck(delivered(one))).map(({ id }) => id);
  };
  const victims = dropped();
  expect(victims.length).toBeGreaterThan(120);
  expect(victims.length).toBeLessThan(280);
  expect(dropped()).toEqual(victims);
});

it('spares the endpoints that it does not name', () => {
  const { workerFaults } = faultsOn([fault('drop-ack', 1, { endpoint: 'stock' })]);
  expect(workerFaults.dropsAck(delivered(message('orders')))).toBe(false);
  expect(workerFaults.dropsAck(delivered(message('stock')))).toBe(true);
});

describe('a partition', () => {
  it('fails every call, some before and some after the effect, and says so', async () => {
    let calls = 0;
    const store = cutOff({ add: async () => ++calls }, 'dedupe', () => true);
    const errors = await Promise.all(many.slice(0, 200).map(() => refusal(store.add())));
    expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(['unreachable']));
    const unknown = errors.filter(({ happened }) => happened === 'unknown');
    expect(unknown.length).toBe(calls);
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(200);
  });

  it('lets calls through when it is over', async () => {
    const store = cutOff({ add: async () => 'done' }, 'dedupe', () => false);
    expect(await store.add()).toBe('done');
  });
});
