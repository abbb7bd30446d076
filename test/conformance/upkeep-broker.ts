/** Upkeep of the broker: searching the queues, the oldest message, discarding a dead letter. */
import assert from 'node:assert/strict';
import type { Failure } from '../../src/engine/message.js';
import type { QueuedCopy } from '../../src/engine/upkeep.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  bytes,
  eventually,
  failure,
  fullMessage,
  longLease,
  message,
  receiveOne,
  same,
} from './fixtures.js';
import { family, idsOf, near, receives, search, unlessReceiving } from './upkeep-fixtures.js';

const anyNumber = 1_000;

export const brokerUpkeepCases: readonly Case[] = casesOf('upkeep', {
  'a search tells visible, leased, delayed and dead copies apart, each whole': async (context) => {
    const endpoint = await context.endpoint();
    const one = await inEveryState(context, endpoint);
    const hidden = receives(context) ? 2 : 4;
    const { broker } = context.upkeep;
    assert.equal(broker.searching, context.capabilities.searching ?? 'reads');
    const ask = () => broker.copies([endpoint], one.prefix, anyNumber);
    const found = await search(context, ask, hidden);
    const expected = ['dead', 'in-flight', 'delayed', 'visible'].filter(
      (state) => hidden === 4 || state === 'dead' || state === 'visible',
    );
    same(
      found.map(({ state }) => state),
      expected,
    );
    for (const copy of found) one.check(copy);
  },

  'a search changes nothing: leases, receives, order and depth stay as they were': {
    unless: unlessReceiving('it searches by receiving'),
    run: async (context) => {
      const endpoint = await context.endpoint();
      const one = await inEveryState(context, endpoint);
      const { broker } = context.ports;
      const before = await broker.depth(endpoint);
      await context.upkeep.broker.copies([endpoint], one.prefix, anyNumber);
      await context.upkeep.broker.copiesOf([endpoint], new Set(one.ids));
      await context.upkeep.broker.oldest(endpoint);
      same(await broker.depth(endpoint), before);
      const peer = await context.peer();
      const visible = await receiveOne(peer.broker, endpoint);
      same([visible.message.id, visible.receives, visible.failures], [one.visible, 1, []]);
      const lease = await broker.extend(endpoint, one.receipt, longLease);
      assert.ok(lease !== null, 'the lease was lost to the search');
    },
  },

  'a message whose lease ended is visible and nobody holds it': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    const sent = message(endpoint);
    await broker.send([sent]);
    const { leaseEnd } = await receiveOne(broker, endpoint, context.capabilities.shortLease);
    const ask = () => context.upkeep.broker.copies([endpoint], sent.id, anyNumber);
    const isBack = ([copy]: readonly QueuedCopy[]) => copy?.state === 'visible';
    const { patience } = context.capabilities;
    const [copy] = await eventually('its return', patience, ask, isBack);
    assert.equal(copy?.holder, null);
    if (receives(context)) return;
    assert.equal(copy?.receives, 1);
    near(copy?.at, leaseEnd, leaseEnd, 'visible since the end of its lease');
  },

  'only ids that begin with the prefix are found, whatever else contains it': async (context) => {
    const endpoint = await context.endpoint();
    const { prefix, named } = family();
    const wanted = [named('1'), named('2')];
    const decoys = [
      message(endpoint, { id: `x${named('3')}` }),
      message(endpoint, { body: bytes(`${prefix} ${JSON.stringify({ id: named('4') })}`) }),
      message(endpoint, { key: named('5'), headers: { causedBy: named('6') } }),
      message(endpoint, { type: named('7'), id: `${prefix.slice(0, -1)}?` }),
    ];
    await context.ports.broker.send(wanted.map((one) => message(endpoint, { id: one })));
    await context.ports.broker.send(decoys);
    const { broker } = context.upkeep;
    const all = await search(context, () => broker.copies([endpoint], prefix, anyNumber), 2);
    same(idsOf(all), wanted);
    const full = () => broker.copies([endpoint], named('2'), anyNumber);
    same(idsOf(await search(context, full, 1)), [named('2')]);
    same(await broker.copies([endpoint], `${named('2')}0`, anyNumber), []);
  },

  'a prefix is text, not a pattern': async (context) => {
    const endpoint = await context.endpoint();
    const { named } = family();
    const wildcards = ['%', '_', '*', '\\', '.', '['];
    await context.ports.broker.send([
      message(endpoint, { id: named('a') }),
      ...wildcards.map((sign) => message(endpoint, { id: named(`${sign}b`) })),
    ]);
    const { broker } = context.upkeep;
    for (const sign of wildcards) {
      const ask = () => broker.copies([endpoint], named(sign), anyNumber);
      same(idsOf(await search(context, ask, 1)), [named(`${sign}b`)], `prefix with ${sign}`);
    }
  },

  'only the endpoints that were asked are searched, several at once': async (context) => {
    const [left, right, other] = [
      await context.endpoint('left'),
      await context.endpoint('right'),
      await context.endpoint('other'),
    ];
    const { prefix, named } = family();
    for (const [endpoint, name] of [
      [left, '1'],
      [right, '2'],
      [other, '3'],
    ] as const) {
      await context.ports.broker.send([message(endpoint, { id: named(name) })]);
    }
    const { broker } = context.upkeep;
    const ask = () => broker.copies([left, right], prefix, anyNumber);
    same(idsOf(await search(context, ask, 2)), [named('1'), named('2')]);
    const third = new Set([named('1'), named('3')]);
    same(idsOf(await search(context, () => broker.copiesOf([other], third), 1)), [named('3')]);
    same(await broker.copies([], prefix, anyNumber), []);
  },

  'no more copies are found than asked for, dead letters included': async (context) => {
    const endpoint = await context.endpoint();
    const { prefix, named } = family();
    await context.ports.broker.send([message(endpoint, { id: named('1') })]);
    await kill(context, endpoint, failure());
    await context.ports.broker.send(['2', '3'].map((n) => message(endpoint, { id: named(n) })));
    const { broker } = context.upkeep;
    for (const limit of [1, 2, 3]) {
      const found = await search(context, () => broker.copies([endpoint], prefix, limit), limit);
      assert.equal(found.length, limit);
    }
  },

  'one search finds every copy of several messages, dead ones too': async (context) => {
    const endpoint = await context.endpoint();
    const { named } = family();
    const twice = message(endpoint, { id: named('twice') });
    const dead = message(endpoint, { id: named('dead') });
    await context.ports.broker.send([dead]);
    await kill(context, endpoint, failure());
    await context.ports.broker.send([twice]);
    await context.ports.broker.send([twice, message(endpoint, { id: named('other') })]);
    const wanted = new Set([twice.id, dead.id, named('absent')]);
    const ask = () => context.upkeep.broker.copiesOf([endpoint], wanted);
    const found = await search(context, ask, 3);
    same(idsOf(found), [dead.id, twice.id, twice.id]);
    same(
      found.map(({ state }) => state),
      ['dead', 'visible', 'visible'],
    );
    assert.equal(new Set(found.map(({ receipt }) => receipt)).size, 3, 'two copies, one receipt');
  },

  'what another client queues is found at once': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const { broker } = context.upkeep;
    for (let round = 0; round < 5; round += 1) {
      const sent = fullMessage(endpoint);
      same(await broker.copies([endpoint], sent.id, anyNumber), []);
      await peer.broker.send([sent]);
      const ask = () => broker.copies([endpoint], sent.id, anyNumber);
      const [copy, ...more] = await search(context, ask, 1);
      same(more, []);
      same(copy?.message, sent);
    }
  },

  'the oldest message is the one that waits longest, in flight or not': async (context) => {
    const endpoint = await context.endpoint();
    const oldest = () => context.upkeep.broker.oldest(endpoint);
    const isUnknown = receives(context) && (await oldest()) === 'unknown';
    if (isUnknown) return;
    assert.equal(await oldest(), null, 'of an empty queue');
    const { broker } = context.ports;
    await broker.send([message(endpoint)], { delay: longLease });
    await broker.send([message(endpoint)]);
    await kill(context, endpoint, failure());
    assert.equal(await oldest(), null, 'of a dead and a delayed message');
    const from = Date.now();
    await broker.send([message(endpoint)]);
    const to = Date.now();
    await eventually(
      'another millisecond',
      1_000,
      async () => Date.now(),
      (now) => now > to + 200,
    );
    await broker.send([message(endpoint)]);
    near(asNumber(await oldest()), from, to, 'of two visible ones');
    const { receipt } = await receiveOne(broker, endpoint);
    near(asNumber(await oldest()), from, to, 'with the older one in flight');
    await broker.ack(endpoint, receipt);
    const now = asNumber(await oldest());
    assert.ok(now > to + 100 && now <= Date.now() + 50, 'it is still that of the one that is gone');
  },

  'a dead letter is discarded once, and then is nowhere': async (context) => {
    const endpoint = await context.endpoint();
    const { prefix, named } = family();
    for (const name of ['1', '2']) {
      await context.ports.broker.send([message(endpoint, { id: named(name) })]);
      await kill(context, endpoint, failure());
    }
    const { broker } = context.upkeep;
    const ask = () => broker.copies([endpoint], prefix, anyNumber);
    const [first, second] = await search(context, ask, 2);
    assert.equal(await broker.discard(endpoint, first?.receipt ?? ''), true);
    assert.equal(await broker.discard(endpoint, first?.receipt ?? ''), false, 'a second time');
    const redriven = await context.ports.broker.redrive(endpoint, first?.receipt ?? '');
    assert.equal(redriven, false, 'it was put back although it was discarded');
    same(idsOf(await search(context, ask, 1)), [named('2')]);
    const peer = await context.peer();
    const listed = await peer.broker.listDead(endpoint, null, 10);
    same(
      listed.map((letter) => letter.message.id),
      [named('2')],
    );
    assert.equal(await peer.broker.redrive(endpoint, second?.receipt ?? ''), true);
  },

  'the receipt of a listed letter discards it too': async (context) => {
    const endpoint = await context.endpoint();
    await context.ports.broker.send([message(endpoint)]);
    await kill(context, endpoint, failure());
    const ask = () => context.ports.broker.listDead(endpoint, null, 10);
    const { patience } = context.capabilities;
    const [letter] = await eventually('the letter', patience, ask, (all) => all.length === 1);
    const discarded = await context.upkeep.broker.discard(endpoint, letter?.receipt ?? '');
    assert.equal(discarded, true);
    same(await ask(), []);
  },

  'nothing but a dead letter of the same endpoint is discarded': async (context) => {
    const [endpoint, elsewhere] = [await context.endpoint(), await context.endpoint('elsewhere')];
    const { broker } = context.ports;
    const { prefix, named } = family();
    await broker.send([message(endpoint, { id: named('dead') })]);
    await kill(context, endpoint, failure());
    await broker.send([message(endpoint, { id: named('visible') })]);
    const upkeep = context.upkeep.broker;
    const ask = () => upkeep.copies([endpoint], prefix, anyNumber);
    const [dead, visible] = await search(context, ask, 2);
    same([dead?.state, visible?.state], ['dead', 'visible']);
    assert.equal(await upkeep.discard(elsewhere, dead?.receipt ?? ''), false);
    assert.equal(await upkeep.discard(endpoint, visible?.receipt ?? ''), false);
    assert.equal(await upkeep.discard(endpoint, ''), false);
    same(idsOf(await search(context, ask, 2)), [named('dead'), named('visible')]);
  },

  'of a redrive and a discard at once exactly one gets the letter': {
    unless: ({ mayDouble }) => (mayDouble ? 'a copy may be delivered twice' : undefined),
    run: async (context) => {
      const endpoint = await context.endpoint();
      const peer = await context.peer();
      const { broker } = context.upkeep;
      for (let round = 0; round < 10; round += 1) {
        const sent = message(endpoint);
        await context.ports.broker.send([sent]);
        await kill(context, endpoint, failure());
        const ask = () => broker.copies([endpoint], sent.id, anyNumber);
        const receipt = (await search(context, ask, 1))[0]?.receipt ?? '';
        const both = [broker.discard(endpoint, receipt), peer.broker.redrive(endpoint, receipt)];
        const [discarded, redriven] = await Promise.all(both);
        assert.notEqual(discarded, redriven);
        same(
          (await ask()).map(({ state }) => state),
          redriven ? ['visible'] : [],
        );
        if (redriven) await takeOff(context, endpoint);
      }
    },
  },
});

async function takeOff({ ports }: Context, endpoint: string): Promise<void> {
  await ports.broker.ack(endpoint, (await receiveOne(ports.broker, endpoint)).receipt);
}

function asNumber(oldest: number | null | 'unknown'): number {
  assert.ok(typeof oldest === 'number', `the oldest message waits since ${oldest}`);
  return oldest;
}

/** Receives one message and makes it a dead letter. */
async function kill({ ports }: Context, endpoint: string, reason: Failure): Promise<void> {
  const { receipt } = await receiveOne(ports.broker, endpoint);
  await ports.broker.deadLetter(endpoint, receipt, reason);
}

/** A message in each state, of one id prefix, and what a search must tell of it. */
async function inEveryState(context: Context, endpoint: string) {
  const { broker } = context.ports;
  const { prefix, named } = family();
  const of = (name: string) => ({ ...fullMessage(endpoint), id: named(name) });
  const [dead, held, delayed, visible] = [of('a'), of('b'), of('c'), of('d')];
  const [first, last] = [failure('first'), failure('last', { stack: 'at line 1' })];
  const times = { start: Date.now(), delayed: 0, visible: 0 };
  await broker.send([dead]);
  const once = await receiveOne(broker, endpoint);
  await broker.release(endpoint, once.receipt, { delay: 0, failure: first });
  await kill(context, endpoint, last);
  const died = Date.now();
  await broker.send([held]);
  const options = { visibility: longLease, wait: 10_000, worker: 'holder-7' };
  const [delivery] = await broker.receive(endpoint, 1, options);
  assert.equal(delivery?.message.id, held.id);
  times.delayed = Date.now();
  await broker.send([delayed], { delay: longLease });
  times.visible = Date.now();
  await broker.send([visible]);
  const end = Date.now();
  const check = (copy: QueuedCopy) => {
    const spent = receives(context);
    if (copy.state === 'dead') {
      same([copy.message, copy.receives, copy.holder], [dead, 2, null]);
      same(copy.failures, [first, last]);
      near(copy.at, times.start, died, 'time of death');
    } else if (copy.state === 'in-flight') {
      same([copy.message, copy.receives, copy.failures], [held, 1, []]);
      assert.equal(copy.holder, 'holder-7');
      near(copy.at, delivery?.leaseEnd ?? 0, delivery?.leaseEnd ?? 0, 'end of the lease');
    } else if (copy.state === 'delayed') {
      same([copy.message, copy.receives, copy.holder], [delayed, 0, null]);
      near(copy.at, times.delayed + longLease, times.visible + longLease, 'end of the delay');
    } else {
      same([copy.message, copy.holder, copy.failures], [visible, null, []]);
      assert.ok(spent || copy.receives === 0, 'it counts receives that nobody made');
      if (!spent) near(copy.at, times.visible, end, 'visible since');
    }
  };
  const ids = [dead.id, held.id, delayed.id, visible.id];
  return { prefix, ids, visible: visible.id, receipt: delivery?.receipt ?? '', check };
}
