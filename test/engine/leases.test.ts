/** Only a dead worker's messages come back: leases of what is at work are prolonged. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Meter, metered } from '../../src/engine/meter.js';
import { Leases } from '../../src/engine/runtime/leases.js';
import { eventually, longLease, message, receiveNow, receiveOne } from '../conformance/fixtures.js';
import { counting, patience, queue, until, World } from './world.js';

let world: World;
let leases: Leases | null = null;

beforeEach(async () => {
  world = await World.open();
});

afterEach(async () => {
  leases?.stop();
  await world.close();
});

it('prolongs the lease of a handler that takes longer than the visibility, over and over', async () => {
  const meter = new Meter();
  let handled = 0;
  const slow = {
    visibilityMs: 150,
    ports: metered(world.ports, meter),
    handler: async (...given: Parameters<typeof counting>) => {
      handled++;
      await until('four extensions', () => meter.of('broker.extend').calls >= 4);
      return counting(...given);
    },
  };
  world.start(slow);
  world.start(slow);
  const { key } = await world.send();
  await until('somebody takes it', () => handled > 0);
  await world.idle();
  expect(handled).toBe(1);
  expect(meter.of('broker.receive').items).toBe(1);
  expect(await world.count(key)).toBe(1);
});

it('hands out the receipt that holds the copy after an extension', async () => {
  const { broker } = world.ports;
  await broker.send([message(queue)]);
  const delivery = await receiveOne(broker, queue, 200);
  leases = new Leases(broker, 200);
  leases.hold(delivery);
  leases.start();
  const current = leases;
  const receipt = await eventually(
    'another receipt',
    patience,
    () => current.receipt(delivery),
    (now) => now !== delivery.receipt,
  );
  await broker.ack(queue, delivery.receipt);
  expect((await world.depth()).inFlight).toBe(1);
  await broker.ack(queue, await leases.receipt(delivery));
  expect(receipt).not.toBe('');
  expect(await world.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0, dead: 0 });
});

it('knows when somebody else has the copy', async () => {
  const { broker } = world.ports;
  await broker.send([message(queue)]);
  const delivery = await receiveOne(broker, queue, 100);
  leases = new Leases(broker, 100);
  leases.hold(delivery);
  expect(await leases.isHeld(delivery)).toBe(true);
  await receiveOne(broker, queue, longLease);
  expect(await leases.isHeld(delivery)).toBe(false);
  leases.drop(delivery);
  expect(await leases.isHeld(delivery)).toBe(false);
});

it('lets the lease of what it dropped end', async () => {
  const { broker } = world.ports;
  await broker.send([message(queue)]);
  const delivery = await receiveOne(broker, queue, 100);
  leases = new Leases(broker, 100);
  leases.start();
  leases.hold(delivery);
  leases.drop(delivery);
  await world.queueIs('visible again', ({ visible }) => visible === 1);
  expect(await receiveNow(broker, queue)).toHaveLength(1);
});
