/** Broker, third part: dead letters, redrive, depth. */
import assert from 'node:assert/strict';
import type { Failure, Message } from '../../src/engine/message.js';
import type { DeadLetter, QueueDepth } from '../../src/engine/ports.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  eventually,
  failure,
  fullMessage,
  longLease,
  message,
  receiveNow,
  receiveOne,
  same,
} from './fixtures.js';

export const deadCases: readonly Case[] = casesOf('broker', {
  'a dead letter keeps message, receives and failures, the reason last': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    const sent = fullMessage(endpoint);
    const [first, last] = [failure('first'), failure('last', { stack: 'at line 1' })];
    await broker.send([sent]);
    const once = await receiveOne(broker, endpoint);
    await broker.release(endpoint, once.receipt, { delay: 0, failure: first });
    const before = Date.now();
    await kill(context, endpoint, last);
    const [letter, ...more] = await deadOf(context, endpoint, 1);
    same(more, []);
    same(letter?.message, sent);
    same(letter?.failures, [first, last]);
    assert.equal(letter?.receives, 2);
    assert.ok((letter?.deadAt ?? 0) >= before - 20 && (letter?.deadAt ?? 0) <= Date.now() + 20);
  },

  'a dead letter is delivered to nobody': async (context) => {
    const { endpoint, broker } = await oneDead(context);
    const options = { visibility: longLease, wait: 200, worker: 'w' };
    same(await broker.receive(endpoint, 10, options), []);
  },

  'dead letters are listed page by page, each exactly once': async (context) => {
    const { endpoint, sent } = await manyDead(context, 25);
    const pages: number[] = [];
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: DeadLetter[] = await context.ports.broker.listDead(endpoint, after, 10);
      if (page.length === 0) break;
      pages.push(page.length);
      found.push(...page.map((letter) => letter.message.id));
      after = page.at(-1)?.receipt ?? null;
    }
    assert.ok(Math.max(...pages) <= 10, 'a page longer than its limit');
    same(found.sort(), sent);
  },

  'redriving the listed page does not disturb the next one': async (context) => {
    const { endpoint, sent } = await manyDead(context, 12);
    const { broker } = context.ports;
    const first = await broker.listDead(endpoint, null, 5);
    for (const letter of first) assert.ok(await broker.redrive(endpoint, letter.receipt));
    const rest = await broker.listDead(endpoint, first.at(-1)?.receipt ?? null, 100);
    same([...first, ...rest].map((letter) => letter.message.id).sort(), sent);
  },

  'dead letters of one endpoint are none of another': async (context) => {
    await oneDead(context);
    const elsewhere = await context.endpoint('elsewhere');
    same(await context.ports.broker.listDead(elsewhere, null, 10), []);
  },

  'a redriven message is delivered again under its own id, and is no longer dead': async (
    context,
  ) => {
    const { endpoint, broker, sent } = await oneDead(context);
    const [letter] = await deadOf(context, endpoint, 1);
    const peer = await context.peer();
    assert.equal(await peer.broker.redrive(endpoint, letter?.receipt ?? ''), true);
    same((await receiveOne(broker, endpoint)).message, sent);
    same(await broker.listDead(endpoint, null, 10), []);
  },

  'a letter is redriven once: the second time it is gone': async (context) => {
    const { endpoint, broker } = await oneDead(context);
    const [letter] = await deadOf(context, endpoint, 1);
    const peer = await context.peer();
    const both = [broker, peer.broker].map((client) =>
      client.redrive(endpoint, letter?.receipt ?? ''),
    );
    same((await Promise.all(both)).sort(), [false, true]);
    await receiveOne(broker, endpoint);
    same(await receiveNow(broker, endpoint), [], 'it was put back twice');
  },

  'a letter is not redriven by way of another endpoint': async (context) => {
    const { endpoint, broker } = await oneDead(context);
    const elsewhere = await context.endpoint('elsewhere');
    const [letter] = await deadOf(context, endpoint, 1);
    assert.equal(await broker.redrive(elsewhere, letter?.receipt ?? ''), false);
    await deadOf(context, endpoint, 1);
  },

  'a redriven message can die again': async (context) => {
    const { endpoint, broker } = await oneDead(context);
    const [letter] = await deadOf(context, endpoint, 1);
    await broker.redrive(endpoint, letter?.receipt ?? '');
    await kill(context, endpoint, failure('again'));
    const [again] = await deadOf(context, endpoint, 1);
    assert.equal(again?.failures.at(-1)?.error, 'again');
  },

  'a dead-letter order with a stale receipt does not lose the message': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    await broker.send([message(endpoint)]);
    const { shortLease, patience } = context.capabilities;
    const stale = await receiveOne(broker, endpoint, shortLease);
    const peer = await context.peer();
    const holder = await receiveOne(peer.broker, endpoint, longLease, patience);
    await broker.deadLetter(endpoint, stale.receipt, failure('too late'));
    const dead = (await broker.listDead(endpoint, null, 10)).length;
    const held = (await peer.broker.extend(endpoint, holder.receipt, longLease)) !== null;
    assert.ok(held || dead === 1, 'the message is nowhere');
    if (context.capabilities.staleReceiptsMayWork !== true) assert.ok(held && dead === 0);
  },

  'an endpoint that has seen no message has a depth of nothing': async (context) => {
    const endpoint = await context.endpoint();
    same(await context.ports.broker.depth(endpoint), depth({}));
  },

  'depth tells visible, leased, delayed and dead copies apart': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    await broker.send([message(endpoint), message(endpoint)]);
    await kill(context, endpoint, failure());
    await receiveOne(broker, endpoint);
    await broker.send([message(endpoint), message(endpoint), message(endpoint)]);
    await broker.send([message(endpoint), message(endpoint)], { delay: longLease });
    const expected = depth({ visible: 3, inFlight: 1, delayed: 2, dead: 1 });
    await reaches(context, endpoint, expected);
  },

  'depth follows ack and redrive, for another client too': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    await broker.send([message(endpoint), message(endpoint)]);
    await kill(context, endpoint, failure());
    await broker.ack(endpoint, (await receiveOne(broker, endpoint)).receipt);
    await reaches(context, endpoint, depth({ dead: 1 }));
    const [letter] = await deadOf(context, endpoint, 1);
    await broker.redrive(endpoint, letter?.receipt ?? '');
    await reaches(context, endpoint, depth({ visible: 1 }));
  },

  'depth follows the end of a lease, for another client too': {
    unless: ({ countsLate }) => (countsLate ? 'it is counted at the next receive' : undefined),
    run: async (context) => {
      const endpoint = await context.endpoint();
      const { broker } = context.ports;
      await broker.send([message(endpoint), message(endpoint)]);
      await receiveOne(broker, endpoint, context.capabilities.shortLease);
      await reaches(context, endpoint, depth({ visible: 2 }));
    },
  },
});

function depth(fields: Partial<QueueDepth>): QueueDepth {
  return { visible: 0, inFlight: 0, delayed: 0, dead: 0, ...fields };
}

async function reaches(context: Context, endpoint: string, expected: QueueDepth): Promise<void> {
  const peer = await context.peer();
  for (const { broker } of [context.ports, peer]) {
    let last: QueueDepth | undefined;
    const wanted = JSON.stringify(expected);
    const ask = async () => {
      const found = await broker.depth(endpoint);
      last = depth(found);
      return JSON.stringify(last);
    };
    await eventually('the depth', context.capabilities.patience, ask, (now) => now === wanted)
      // The figures tell more than the deadline that was missed.
      .catch(() => same(last, expected));
  }
}

/** Receives one message and makes it a dead letter. */
async function kill(context: Context, endpoint: string, reason: Failure): Promise<Message> {
  const { broker } = context.ports;
  const delivery = await receiveOne(broker, endpoint);
  await broker.deadLetter(endpoint, delivery.receipt, reason);
  return delivery.message;
}

async function oneDead(context: Context) {
  const endpoint = await context.endpoint();
  const { broker } = context.ports;
  await broker.send([message(endpoint)]);
  const sent = await kill(context, endpoint, failure());
  return { endpoint, broker, sent };
}

async function manyDead(context: Context, count: number) {
  const endpoint = await context.endpoint();
  const { broker } = context.ports;
  const sent = Array.from({ length: count }, () => message(endpoint));
  await broker.send(sent);
  for (let index = 0; index < count; index += 1) await kill(context, endpoint, failure());
  await deadOf(context, endpoint, count);
  return { endpoint, sent: sent.map((one) => one.id).sort() };
}

/** The dead letters as another client sees them, once there are `count`. */
async function deadOf(context: Context, endpoint: string, count: number): Promise<DeadLetter[]> {
  const peer = await context.peer();
  return eventually(
    `${count} dead letters`,
    context.capabilities.patience,
    () => peer.broker.listDead(endpoint, null, 100),
    (letters) => letters.length === count,
  );
}
