import { expect, it } from 'vitest';
import { EntityLocks } from '../../src/engine/runtime/entity-locks.js';

/** Lets every promise that can go on go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('gives a key to one holder at a time, in the order asked', async () => {
  const locks = new EntityLocks();
  const order: number[] = [];
  const unlocks: Array<() => void> = [];
  for (const number of [1, 2, 3]) {
    void locks.lock('a').then((unlock) => {
      order.push(number);
      unlocks.push(unlock);
    });
  }
  for (const held of [[1], [1, 2], [1, 2, 3]]) {
    await turn();
    expect(order).toEqual(held);
    unlocks.at(-1)?.();
  }
});

it('does not let one key wait for another', async () => {
  const locks = new EntityLocks();
  await locks.lock('a');
  await expect(locks.lock('b')).resolves.toBeTypeOf('function');
});

it('lets nobody in who was let in already: unlocking twice is harmless', async () => {
  const locks = new EntityLocks();
  const unlock = await locks.lock('a');
  const second = locks.lock('a');
  let third = false;
  void locks.lock('a').then(() => {
    third = true;
  });
  unlock();
  unlock();
  await second;
  await turn();
  expect(third).toBe(false);
});

it('can be taken again after everybody is gone', async () => {
  const locks = new EntityLocks();
  (await locks.lock('a'))();
  const unlock = await locks.lock('a');
  const next = locks.lock('a');
  unlock();
  (await next)();
  await expect(locks.lock('a')).resolves.toBeTypeOf('function');
});
