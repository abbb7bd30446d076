/** A worker that stops finishes or gives back what it has in flight (T5). */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { settles } from '../conformance/fixtures.js';
import { counting, gate, patience, queue, until, World } from './world.js';

let world: World;

beforeEach(async () => {
  world = await World.open();
});

afterEach(() => world.close());

/** A worker whose handler waits for the test. */
function held() {
  const { passed, open } = gate();
  const steps: string[] = [];
  const runtime = world.start({
    handler: async (...given) => {
      await passed;
      return counting(...given);
    },
    observer: {
      boundary: (_delivery, step) => {
        steps.push(step);
        return undefined;
      },
    },
  });
  return { runtime, open, steps };
}

it('finishes what is in flight within the grace', async () => {
  const { runtime, open } = held();
  const { key } = await world.send();
  await until('it is at work', () => runtime.inFlight() === 1);
  const stopped = runtime.stop(patience);
  open();
  await settles('the stop', patience, stopped);
  expect(await world.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0, dead: 0 });
  expect(await world.count(key)).toBe(1);
});

it('leaves a handler that takes longer than the grace, and gives its message back at once', async () => {
  const { runtime, open, steps } = held();
  const { key } = await world.send();
  await until('it is at work', () => runtime.inFlight() === 1);
  await settles('the stop', patience, runtime.stop(0));
  expect(await world.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0, dead: 0 });
  open();
  const options = { visibility: 1000, wait: 0, worker: 'w' };
  const [again] = await world.ports.broker.receive(queue, 1, options);
  expect(again?.failures).toEqual([]);
  expect(steps).toEqual(['load']);
  expect(await world.count(key)).toBe(0);
});

it('gives back at its next step what is between two steps when the grace is over', async () => {
  const never = gate();
  const between = gate();
  const handled: string[] = [];
  const runtime = world.start({
    handler: async (message) => {
      handled.push(message.key);
      await never.passed;
    },
    observer: {
      boundary: ({ message }) => (message.key === 'between' ? between.passed : undefined),
    },
  });
  await world.send({ key: 'between' });
  await world.send({ key: 'handled' });
  await until('both are at work', () => runtime.inFlight() === 2 && handled.length === 1);
  const stopped = runtime.stop(0);
  await world.queueIs('the grace is over', ({ visible }) => visible === 1);
  between.open();
  await settles('the stop', patience, stopped);
  expect(await world.depth()).toEqual({ visible: 2, inFlight: 0, delayed: 0, dead: 0 });
  expect(handled).toEqual(['handled']);
});

it('receives nothing more', async () => {
  const { runtime } = held();
  await settles('the stop', patience, runtime.stop());
  await world.send();
  expect(await world.depth()).toMatchObject({ visible: 1, inFlight: 0 });
  expect(runtime.inFlight()).toBe(0);
});

it('works on at most as many messages as it may at a time', async () => {
  const { passed, open } = gate();
  let atWork = 0;
  let most = 0;
  const runtime = world.start({
    concurrency: 3,
    handler: async (...given) => {
      most = Math.max(most, ++atWork);
      await passed;
      atWork--;
      return counting(...given);
    },
  });
  const sent = await Promise.all(
    Array.from({ length: 10 }, (_, at) => world.send({ key: `${at}` })),
  );
  await until('three are at work', () => atWork === 3);
  expect(runtime.inFlight()).toBe(3);
  open();
  await world.idle();
  expect(most).toBeLessThanOrEqual(3);
  for (const { key } of sent) expect(await world.count(key)).toBe(1);
});
