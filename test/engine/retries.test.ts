/** What fails is tried again, and what keeps failing is put aside with the reason (T3, T4). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cutOff } from '../../src/bench/processes/worker-faults.js';
import type { OncectlError } from '../../src/engine/errors.js';
import { Meter, metered } from '../../src/engine/meter.js';
import type { Ports } from '../../src/engine/ports.js';
import { protocolNames } from '../../src/engine/protocols/names.js';
import { counting, queue, until, World } from './world.js';

let world: World;

describe('a handler that fails', () => {
  beforeEach(async () => {
    world = await World.open();
  });

  afterEach(() => world.close());

  it('is tried again, later each time, then the message is dead with every reason', async () => {
    const backoffMs = 40;
    const given: string[] = [];
    world.start({
      maxAttempts: 4,
      backoffMs,
      handler: () => {
        throw new Error('no such product');
      },
      observer: { failed: (_delivery, error, what) => given.push(`${error.kind} ${what}`) },
    });
    const sent = await world.send();
    await world.queueIs('a dead letter', ({ dead }) => dead === 1);
    const [letter] = await world.ports.broker.listDead(queue, null, 10);
    expect(given).toEqual([
      'handler released',
      'handler released',
      'handler released',
      'handler dead',
    ]);
    expect(letter?.message.id).toBe(sent.id);
    expect(letter?.failures.map(({ error }) => error)).toEqual(Array(4).fill('no such product'));
    for (const { stack, worker } of letter?.failures ?? []) {
      expect(stack).toContain('retries.test.ts');
      expect(worker).toBe('worker');
    }
    const times = letter?.failures.map(({ at }) => at) ?? [];
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(backoffMs * 2 ** index);
    }
    expect(await world.count(sent.key)).toBe(0);
    await world.idle();
  });

  it('succeeds when a later attempt does, and no other message waits for it', async () => {
    let failing = true;
    const handled: string[] = [];
    world.start({
      maxAttempts: 100,
      handler: (message, entity, send) => {
        if (message.key === 'bad' && failing) throw new Error('not yet');
        handled.push(message.key);
        return counting(message, entity, send);
      },
    });
    await world.send({ key: 'bad' });
    await world.send({ key: 'good' });
    await until('the good one is handled', () => handled.includes('good'));
    expect(handled).toEqual(['good']);
    failing = false;
    await world.idle();
    expect(handled).toEqual(['good', 'bad']);
    expect(await world.depth()).toMatchObject({ dead: 0 });
  });

  it('gives a dead letter that was redriven all its attempts again', async () => {
    let failing = true;
    let attempts = 0;
    world.start({
      maxAttempts: 2,
      handler: (message, entity, send) => {
        attempts++;
        if (failing) throw new Error('not yet');
        return counting(message, entity, send);
      },
    });
    const { key } = await world.send();
    await world.queueIs('a dead letter', ({ dead }) => dead === 1);
    expect(attempts).toBe(2);
    failing = false;
    const [letter] = await world.ports.broker.listDead(queue, null, 1);
    expect(await world.ports.broker.redrive(queue, letter?.receipt ?? '')).toBe(true);
    await until('handled after all', () => attempts === 3);
    await world.idle();
    expect(await world.count(key)).toBe(1);
  });
});

describe('a store that cannot be reached', () => {
  afterEach(() => world.close());

  const stores = ['business', 'broker'] as const;

  it.each(stores)('costs no attempt, and the message is applied once (%s)', async (name) => {
    world = await World.open();
    let isCut = true;
    const failures: OncectlError[] = [];
    const cut: Ports = { ...world.ports, [name]: cutOff(world.ports[name], name, () => isCut) };
    // A broker that is cut off altogether delivers nothing that could fail.
    const { broker: whole } = metered(world.ports, new Meter());
    const broker = { ...whole, send: cut.broker.send, ack: cut.broker.ack };
    world.start({
      maxAttempts: 1,
      visibilityMs: 300,
      ports: name === 'broker' ? { ...world.ports, broker } : cut,
      observer: { failed: (_delivery, error) => failures.push(error) },
    });
    const { key } = await world.send();
    await until('three failures', () => failures.length >= 3);
    isCut = false;
    await world.idle();
    expect(new Set(failures.map(({ kind }) => kind))).toEqual(new Set(['unreachable']));
    expect(await world.depth()).toMatchObject({ dead: 0 });
    expect(await world.count(key)).toBe(1);
    expect(await world.sentOn()).toHaveLength(1);
  });
});

describe('two workers on one hot key', () => {
  afterEach(() => world.close());

  const messages = 60;

  it.each(protocolNames.filter((name) => name !== 'none'))(
    'lose races in place, and count every message exactly once (%s)',
    async (protocol) => {
      world = await World.open(protocol);
      let races = 0;
      const failures: string[] = [];
      const observer = {
        conflicted: () => {
          races++;
        },
        failed: (_delivery: unknown, error: OncectlError) => failures.push(error.message),
      };
      for (let sent = 0; sent < messages; sent++) await world.send({ key: 'hot' });
      world.start({ worker: 'one', observer, maxAttempts: 1 });
      world.start({ worker: 'other', observer, maxAttempts: 1 });
      await world.idle();
      expect(await world.count('hot')).toBe(messages);
      expect(await world.sentOn()).toHaveLength(messages);
      expect(races).toBeGreaterThan(0);
      expect(failures).toEqual([]);
    },
  );
});
