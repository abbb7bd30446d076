/** Broker, first part: what is sent comes out, once visible, to one receiver, as it went in. */
import assert from 'node:assert/strict';
import type { Message } from '../../src/engine/message.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  brokenKeys,
  doneOrRefused,
  drain,
  fullMessage,
  id,
  longKeys,
  longLease,
  message,
  noise,
  oddKeys,
  receiveNow,
  receiveOne,
  refusal,
  same,
  settles,
} from './fixtures.js';

export const brokerCases: readonly Case[] = casesOf('broker', {
  'a message comes out as it went in, every header with it': async (context) => {
    const endpoint = await context.endpoint();
    const sent = fullMessage(endpoint);
    await context.ports.broker.send([sent]);
    const delivery = await receiveOne(context.ports.broker, endpoint);
    same(delivery.message, sent);
    assert.equal(delivery.receives, 1);
    same(delivery.failures, []);
  },

  'a message without any header comes out without any': async (context) => {
    const endpoint = await context.endpoint();
    const sent = message(endpoint);
    await context.ports.broker.send([sent]);
    same((await receiveOne(context.ports.broker, endpoint)).message, sent);
  },

  'a sent message is there for another client as soon as the send resolved': async (context) => {
    const peer = await context.peer();
    for (let round = 0; round < 20; round += 1) {
      const endpoint = await context.endpoint();
      const sent = message(endpoint);
      await context.ports.broker.send([sent]);
      const [delivery] = await receiveNow(peer.broker, endpoint);
      assert.equal(delivery?.message.id, sent.id);
    }
  },

  'an empty batch is no error': async (context) => {
    await context.ports.broker.send([]);
  },

  'one batch reaches several endpoints, each its own messages': async (context) => {
    const { broker } = context.ports;
    const left = await context.endpoint('left');
    const right = await context.endpoint('right');
    const batch = [message(left), message(right), message(left)];
    await broker.send(batch);
    const ofLeft = await drain(broker, left, 2);
    const ofRight = await drain(broker, right, 1);
    same(ids(ofLeft), ids([batch[0], batch[2]]));
    same(ids(ofRight), ids([batch[1]]));
  },

  'the same message id at two endpoints is two messages': async (context) => {
    const { broker } = context.ports;
    const left = await context.endpoint('left');
    const right = await context.endpoint('right');
    const shared = id();
    await broker.send([message(left, { id: shared }), message(right, { id: shared })]);
    const ofLeft = await receiveOne(broker, left);
    await broker.ack(left, ofLeft.receipt);
    assert.equal((await receiveOne(broker, right)).message.id, shared);
  },

  'no more than `max` are received, the rest stays': async (context) => {
    const { broker } = context.ports;
    const endpoint = await context.endpoint();
    await broker.send([message(endpoint), message(endpoint), message(endpoint)]);
    const options = { visibility: longLease, wait: 1_000, worker: 'w' };
    const first = await broker.receive(endpoint, 2, options);
    assert.ok(first.length >= 1 && first.length <= 2, `${first.length} received`);
    for (const delivery of first) await broker.ack(endpoint, delivery.receipt);
    await drain(broker, endpoint, 3 - first.length);
  },

  'a batch of 1,000 comes out whole, to two clients that receive at once': async (context) => {
    const endpoint = await context.endpoint();
    const batch = Array.from({ length: 1_000 }, () => message(endpoint));
    await context.ports.broker.send(batch);
    const received = await receiveByTwo(context, endpoint, batch.length);
    same([...new Set(received)].sort(), ids(batch));
    if (context.capabilities.mayDouble !== true) {
      assert.equal(received.length, batch.length, 'a leased copy was delivered again');
    }
  },

  'messages sent one by one at the same time are all there': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const all = Array.from({ length: 200 }, () => message(endpoint));
    await Promise.all(
      all.map((one, index) => (index % 2 ? peer : context.ports).broker.send([one])),
    );
    same(ids(await drain(context.ports.broker, endpoint, all.length)), ids(all));
  },

  'messages sent later by another client do not replace earlier ones': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const all = Array.from({ length: 10 }, () => message(endpoint));
    for (const [index, one] of all.entries()) {
      await (index % 2 ? peer : context.ports).broker.send([one]);
    }
    same(ids(await drain(context.ports.broker, endpoint, all.length)), ids(all));
  },

  'a queue without messages answers at once when nobody waits': async (context) => {
    const endpoint = await context.endpoint();
    const answer = receiveNow(context.ports.broker, endpoint);
    same(await settles('an empty receive', context.capabilities.patience, answer), []);
  },

  'a receive waits as long as told for a first message, then comes back empty': async (context) => {
    const endpoint = await context.endpoint();
    const began = performance.now();
    const options = { visibility: longLease, wait: 300, worker: 'w' };
    same(await context.ports.broker.receive(endpoint, 10, options), []);
    assert.ok(performance.now() - began >= 290, 'it came back before its wait was over');
  },

  'a waiting receive is woken by a message of the same client': async (context) => {
    await wakes(context, context.ports.broker.send.bind(context.ports.broker));
  },

  'a waiting receive is woken by a message of another client': async (context) => {
    const peer = await context.peer();
    await wakes(context, peer.broker.send.bind(peer.broker));
  },

  'an aborted receive comes back at once and takes no message with it': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    const stop = new AbortController();
    const options = { visibility: longLease, wait: 60_000, worker: 'w', signal: stop.signal };
    const waiting = broker.receive(endpoint, 1, options);
    stop.abort();
    same(await settles('the aborted receive', context.capabilities.patience, waiting), []);
    const sent = message(endpoint);
    await broker.send([sent]);
    assert.equal((await receiveOne(broker, endpoint)).message.id, sent.id);
  },

  'receives that are aborted while they compete for a message all come back': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    const sent = message(endpoint);
    await broker.send([sent]);
    const stop = new AbortController();
    const options = { visibility: longLease, wait: 60_000, worker: 'w', signal: stop.signal };
    const competing = [1, 2, 3].map(() => broker.receive(endpoint, 1, options));
    stop.abort();
    const all = Promise.all(competing);
    const found = (await settles('a receive', context.capabilities.patience, all)).flat();
    if (found.length === 0) found.push(await receiveOne(broker, endpoint));
    same(
      found.map((delivery) => delivery.message.id),
      [sent.id],
    );
  },

  'a receive whose signal was aborted before takes no message': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    const sent = message(endpoint);
    await broker.send([sent]);
    const signal = AbortSignal.abort();
    const options = { visibility: longLease, wait: 60_000, worker: 'w', signal };
    same(await broker.receive(endpoint, 1, options), []);
    assert.equal((await receiveOne(broker, endpoint)).message.id, sent.id);
  },

  'bodies of 0 bytes and of every byte value come out the same': async (context) => {
    await comesOut(context, [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, i) => i)]);
  },

  'a body of 1 MiB comes out the same, or is refused as too large': async (context) => {
    const endpoint = await context.endpoint();
    const sent = message(endpoint, { body: noise(1024 * 1024) });
    if (context.capabilities.largestBody >= sent.body.length) {
      await context.ports.broker.send([sent]);
      same((await receiveOne(context.ports.broker, endpoint)).message, sent);
    } else {
      const error = await refusal(context.ports.broker.send([sent]));
      assert.equal(error.kind, 'too-large');
      assert.equal(error.happened, 'no');
    }
  },

  'keys and types of odd characters come out the same': async (context) => {
    const endpoint = await context.endpoint();
    const batch = oddKeys.map((key) => message(endpoint, { key, type: `type ${key}` }));
    await context.ports.broker.send(batch);
    const found = await drain(context.ports.broker, endpoint, batch.length);
    same(found.sort(byId), [...batch].sort(byId));
  },

  'a key that is too long or not text is refused clearly, or comes out the same': async (
    context,
  ) => {
    const { broker } = context.ports;
    for (const key of [...longKeys, ...brokenKeys]) {
      const endpoint = await context.endpoint();
      const sent = message(endpoint, { key });
      const done = await doneOrRefused(broker.send([sent]));
      if (done) same((await receiveOne(broker, endpoint)).message, sent);
      else same(await receiveNow(broker, endpoint), [], 'a refused message was queued');
    }
  },
});

async function wakes(context: Context, send: (messages: Message[]) => Promise<void>) {
  const endpoint = await context.endpoint();
  const sent = message(endpoint);
  const options = { visibility: longLease, wait: 60_000, worker: 'w' };
  const waiting = context.ports.broker.receive(endpoint, 10, options);
  await send([sent]);
  const woken = await settles('the waiting receive', context.capabilities.patience, waiting);
  same(
    woken.map((delivery) => delivery.message.id),
    [sent.id],
  );
}

async function comesOut(context: Context, bodies: readonly Uint8Array[]): Promise<void> {
  const endpoint = await context.endpoint();
  const batch = bodies.map((body) => message(endpoint, { body }));
  await context.ports.broker.send(batch);
  const found = await drain(context.ports.broker, endpoint, batch.length);
  same(found.sort(byId), [...batch].sort(byId));
}

async function receiveByTwo(context: Context, endpoint: string, count: number): Promise<string[]> {
  const received: string[] = [];
  const peer = await context.peer();
  const options = { visibility: longLease, wait: 500, worker: 'w' };
  await Promise.all(
    [context.ports.broker, peer.broker].map(async (broker) => {
      while (received.length < count) {
        const batch = await broker.receive(endpoint, 50, options);
        if (batch.length === 0) return;
        received.push(...batch.map((delivery) => delivery.message.id));
      }
    }),
  );
  return received;
}

function ids(messages: readonly (Message | undefined)[]): string[] {
  return messages.map((one) => one?.id ?? 'none').sort();
}

function byId(left: Message, right: Message): number {
  return left.id < right.id ? -1 : 1;
}
