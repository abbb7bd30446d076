/**
 * A worker freezes between two steps, another takes its message over and finishes it, then the first
 * goes on: for every protocol, at every boundary, the message is applied once and nothing stays.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { protocolNames } from '../../src/engine/protocols/names.js';
import { boundaries } from '../../src/engine/protocols/steps.js';
import type { Runtime } from '../../src/engine/runtime/runtime.js';
import { gate, until, World } from './world.js';

let world: World;

afterEach(() => world.close());

const visibilityMs = 100;

describe.each(protocolNames.filter((name) => name !== 'none'))('%s', (protocol) => {
  it.each(boundaries(protocol))('a worker frozen %s', async (boundary) => {
    world = await World.open(protocol);
    const { passed, open } = gate();
    let frozen = false;
    let ended = 0;
    const zombie: Runtime = world.start({
      worker: 'zombie',
      visibilityMs,
      observer: {
        boundary: (_delivery, step) => {
          if (frozen || `after ${step}` !== boundary) return undefined;
          frozen = true;
          const thaw = zombie.freeze();
          return passed.then(thaw);
        },
        finished: () => {
          ended++;
        },
      },
    });
    const { key } = await world.send();
    await until('the worker froze', () => frozen);
    let tookOver = false;
    world.start({
      worker: 'heir',
      observer: {
        finished: () => {
          tookOver = true;
        },
      },
    });
    await until('the other finished it', () => tookOver);
    expect(await world.count(key)).toBe(1);
    open();
    await until('the frozen one went on to its end', () => zombie.inFlight() === 0);
    await world.idle();
    expect(ended).toBe(1);
    await expectAppliedOnce(key);
  });
});

async function expectAppliedOnce(key: string): Promise<void> {
  expect(await world.count(key)).toBe(1);
  expect(await world.sentOn()).toHaveLength(1);
  const left = await world.deployment.evidence.leftovers(Date.now());
  expect(left).toMatchObject({ entries: 0, slots: 0, registrations: 0 });
}
