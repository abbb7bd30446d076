/** Island: queue and data in one database, and one transaction over both. */
import assert from 'node:assert/strict';
import { Conflict } from '../../src/engine/errors.js';
import type { Change, Island, Ports } from '../../src/engine/ports.js';
import { loadAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  brokenKeys,
  bytes,
  conflicts,
  doneOrRefused,
  drain,
  fullMessage,
  id,
  longLease,
  message,
  newEntity,
  receiveNow,
  receiveOne,
  same,
  text,
} from './fixtures.js';

export const islandCases: readonly Case[] = casesOf('island', {
  'an entered message comes out as it went in': async (context) => {
    const endpoint = await context.endpoint();
    const sent = fullMessage(endpoint);
    await context.island.enter([sent]);
    const peer = await context.peer();
    same((await receiveOne(peer.broker, endpoint)).message, sent);
  },

  'a message that enters twice, or at once by two clients, is one message': async (context) => {
    const endpoint = await context.endpoint();
    const peer = islandOf(await context.peer());
    const batch = Array.from({ length: 20 }, () => message(endpoint));
    await Promise.all([context.island, peer, context.island].map((one) => one.enter(batch)));
    for (const one of batch) await peer.enter([one]);
    assert.equal((await receiveNow(context.ports.broker, endpoint, 100)).length, 20);
  },

  'a message that was handled does not enter again': async (context) => {
    const { endpoint, sent, delivery } = await entered(context);
    await context.island.transact(delivery, 0, change('1'), []);
    await context.island.enter([sent]);
    same(await receiveNow(context.ports.broker, endpoint), []);
  },

  'a batch of old and new messages lets the new ones in': async (context) => {
    const { endpoint, sent } = await entered(context);
    const fresh = message(endpoint);
    await context.island.enter([sent, fresh]);
    const found = await receiveNow(context.ports.broker, endpoint);
    same(
      found.map((one) => one.message.id),
      [fresh.id],
    );
  },

  'one id twice in a batch is one message': async (context) => {
    const endpoint = await context.endpoint();
    const sent = message(endpoint);
    await context.island.enter([sent, sent]);
    assert.equal((await receiveNow(context.ports.broker, endpoint)).length, 1);
  },

  'the same message id enters at two endpoints': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    const shared = id();
    await context.island.enter([message(left, { id: shared })]);
    await context.island.enter([message(right, { id: shared })]);
    await receiveOne(context.ports.broker, left);
    await receiveOne(context.ports.broker, right);
  },

  'an empty batch is no error': async (context) => {
    await context.island.enter([]);
  },

  'a batch of 1,000 enters whole': async (context) => {
    const endpoint = await context.endpoint();
    await context.island.enter(Array.from({ length: 1_000 }, () => message(endpoint)));
    await drain(context.ports.broker, endpoint, 1_000);
  },

  'a transaction takes the message, saves the state and sends, all at once': async (context) => {
    const { endpoint, delivery } = await entered(context);
    const next = await context.endpoint('next');
    const outgoing = [fullMessage(next), fullMessage(next)];
    const wanted = change('1');
    assert.equal(await context.island.transact(delivery, 0, wanted, outgoing), 'done');
    const peer = await context.peer();
    const found = await loadAt(context, peer, endpoint, 'order-1', id(), 1);
    const { version, ...rest } = found;
    assert.ok(version > 0);
    same({ ...rest, version: 0 }, { ...newEntity(), ...wanted });
    const sent = await drain(peer.broker, next, 2);
    same(sent.map((one) => one.id).sort(), outgoing.map((one) => one.id).sort());
    assert.equal((await context.ports.broker.depth(endpoint)).inFlight, 0);
    const gone = await context.ports.broker.extend(endpoint, delivery.receipt, longLease);
    assert.equal(gone, null, 'the handled message is still in its queue');
  },

  'a transaction that loses the race leaves queue, state and outbox untouched': async (context) => {
    const { endpoint, delivery } = await entered(context);
    const next = await context.endpoint('next');
    const { business, broker } = context.ports;
    const version = await business.commit(endpoint, 'order-1', 0, { state: bytes('other') });
    for (const expected of [0, version + 1]) {
      const lost = context.island.transact(delivery, expected, change('1'), [message(next)]);
      await conflicts(lost);
    }
    same(await receiveNow(broker, next), []);
    same(text((await business.load(endpoint, 'order-1', id())).state), 'other');
    same(await receiveNow(broker, endpoint), [], 'the lease was lost');
    const done = await context.island.transact(delivery, version, change('2'), [message(next)]);
    assert.equal(done, 'done');
    await drain(broker, next, 1);
  },

  'a transaction with a stale receipt answers gone and changes nothing': async (context) => {
    const { shortLease, patience } = context.capabilities;
    const { endpoint, delivery: stale } = await entered(context, shortLease);
    const next = await context.endpoint('next');
    const peer = await context.peer();
    const holder = await receiveOne(peer.broker, endpoint, longLease, patience);
    const outcome = await context.island.transact(stale, 0, change('1'), [message(next)]);
    assert.equal(outcome, 'gone');
    same(await context.ports.business.load(endpoint, 'order-1', id()), newEntity());
    same(await receiveNow(context.ports.broker, next), []);
    assert.equal(await islandOf(peer).transact(holder, 0, change('2'), []), 'done');
  },

  'a transaction for a message that was handled or acked answers gone': async (context) => {
    const { delivery } = await entered(context);
    await context.island.transact(delivery, 0, change('1'), []);
    assert.equal(await context.island.transact(delivery, 1, change('2'), []), 'gone');
    const { endpoint, delivery: acked } = await entered(context);
    await context.ports.broker.ack(endpoint, acked.receipt);
    assert.equal(await context.island.transact(acked, 0, change('1'), []), 'gone');
    same(await context.ports.business.load(endpoint, 'order-1', id()), newEntity());
  },

  'an outgoing message that is refused leaves everything untouched': async (context) => {
    const next = await context.endpoint('next');
    const keys = [...brokenKeys, 'k'.repeat(100_000)];
    for (const key of keys) {
      const { endpoint, delivery } = await entered(context);
      const outgoing = [message(next), message(next, { key })];
      const transact = context.island.transact(delivery, 0, change('1'), outgoing);
      if (await doneOrRefused(transact)) {
        await drain(context.ports.broker, next, 2);
        continue;
      }
      same(await context.ports.business.load(endpoint, 'order-1', id()), newEntity());
      same(await receiveNow(context.ports.broker, next), [], 'half of it was sent');
      assert.equal(await context.island.transact(delivery, 0, change('2'), []), 'done');
    }
  },

  '50 messages of one entity, handled at once by two clients, are each applied once': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const next = await context.endpoint('next');
    await context.island.enter(Array.from({ length: 50 }, () => message(endpoint)));
    const clients = [context.ports, await context.peer()];
    await Promise.all(clients.map((ports) => handleAll(ports, endpoint, next)));
    const found = await context.ports.business.load(endpoint, 'order-1', id());
    assert.equal(text(found.state), '50');
    await drain(context.ports.broker, next, 50);
  },
});

function islandOf(ports: Ports): Island {
  if (ports.island === undefined) throw new Error('the peer has no island');
  return ports.island;
}

function change(state: string): Change {
  return { state: bytes(state), transaction: id() };
}

async function entered(context: Context, lease = longLease) {
  const endpoint = await context.endpoint();
  const sent = message(endpoint);
  await context.island.enter([sent]);
  const delivery = await receiveOne(context.ports.broker, endpoint, lease);
  return { endpoint, sent, delivery };
}

/** Counts every message of the queue into one entity and sends one message on for each. */
async function handleAll(ports: Ports, endpoint: string, next: string): Promise<void> {
  for (;;) {
    const options = { visibility: longLease, wait: 200, worker: 'w' };
    const batch = await ports.broker.receive(endpoint, 10, options);
    if (batch.length === 0) return;
    await Promise.all(batch.map((delivery) => handleOne(ports, delivery, next)));
  }
}

async function handleOne(
  ports: Ports,
  delivery: Parameters<Island['transact']>[0],
  next: string,
): Promise<void> {
  const { endpoint, key } = delivery.message;
  for (;;) {
    const { state, version } = await ports.business.load(endpoint, key, delivery.message.id);
    const wanted = change(String(Number(text(state) ?? 0) + 1));
    const transact = islandOf(ports).transact(delivery, version, wanted, [message(next)]);
    const outcome = await transact.catch((error: unknown) => {
      if (error instanceof Conflict) return 'conflict';
      throw error;
    });
    if (outcome !== 'conflict') return assert.equal(outcome, 'done');
  }
}
