/** Broker, second part: leases, redelivery, extension, release, delay. */
import assert from 'node:assert/strict';
import type { Delivery } from '../../src/engine/message.js';
import type { Broker } from '../../src/engine/ports.js';
import { type Case, type Context, casesOf } from './case.js';
import { failure, longLease, message, receiveNow, receiveOne, same } from './fixtures.js';

/** Clocks of two processes on one machine, and a timer that fires a little early. */
const tolerance = 20;

export const leaseCases: readonly Case[] = casesOf('broker', {
  'a leased message is delivered to nobody else': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    await receiveOne(broker, endpoint);
    const peer = await context.peer();
    same(await receiveNow(broker, endpoint), []);
    same(await receiveNow(peer.broker, endpoint), []);
  },

  'the lease ends when the receive said': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const before = Date.now();
    const { leaseEnd } = await receiveOne(broker, endpoint);
    assert.ok(leaseEnd >= before + longLease - tolerance, 'the lease is too short');
    assert.ok(leaseEnd <= Date.now() + longLease + tolerance, 'the lease is too long');
  },

  'a message whose lease ended is delivered again, to another client, under a new receipt': async (
    context,
  ) => {
    const { broker, endpoint, sent } = await sentOne(context);
    const first = await receiveOne(broker, endpoint, context.capabilities.shortLease);
    const again = await comesAgain(context, (await context.peer()).broker, endpoint);
    assert.ok(Date.now() >= first.leaseEnd - tolerance, 'redelivered before the lease ended');
    same(again.message, sent);
    assert.notEqual(again.receipt, first.receipt);
  },

  'every delivery counts: receives is 1, 2, 3': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const peer = await context.peer();
    const counts: number[] = [];
    for (const client of [broker, peer.broker, broker]) {
      const patience = context.capabilities.patience;
      const { shortLease } = context.capabilities;
      counts.push((await receiveOne(client, endpoint, shortLease, patience)).receives);
    }
    same(counts, [1, 2, 3]);
  },

  'an acked message does not come back after its lease': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const { shortLease } = context.capabilities;
    const delivery = await receiveOne(broker, endpoint, shortLease * 4);
    await broker.ack(endpoint, delivery.receipt);
    const options = { visibility: longLease, wait: shortLease * 8, worker: 'w' };
    same(await broker.receive(endpoint, 1, options), []);
  },

  'an ack by another client than the receiver removes the copy': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const delivery = await receiveOne(broker, endpoint);
    const peer = await context.peer();
    await peer.broker.ack(endpoint, delivery.receipt);
    assert.equal(await broker.extend(endpoint, delivery.receipt, longLease), null);
  },

  'a second ack is no error, and takes nothing else away': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const delivery = await receiveOne(broker, endpoint);
    await broker.ack(endpoint, delivery.receipt);
    const other = message(endpoint);
    await broker.send([other]);
    await broker.ack(endpoint, delivery.receipt);
    assert.equal((await receiveOne(broker, endpoint)).message.id, other.id);
  },

  'an ack at another endpoint takes nothing away': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const elsewhere = await context.endpoint('elsewhere');
    const delivery = await receiveOne(broker, endpoint);
    await broker.ack(elsewhere, delivery.receipt).catch(() => {});
    assert.notEqual(await broker.extend(endpoint, delivery.receipt, longLease), null);
  },

  'two copies of one message id are acked one by one': async (context) => {
    const { broker, endpoint, sent } = await sentOne(context);
    await broker.send([sent]);
    const first = await receiveOne(broker, endpoint);
    const second = await receiveOne(broker, endpoint);
    await broker.ack(endpoint, first.receipt);
    const kept = await broker.extend(endpoint, second.receipt, longLease);
    assert.notEqual(kept, null, 'the ack of one copy removed the other');
  },

  'an extended lease holds beyond its first end, and its receipt acks': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const lease = Math.max(2_000, context.capabilities.shortLease);
    const first = await receiveOne(broker, endpoint, lease);
    const extended = await broker.extend(endpoint, first.receipt, longLease);
    assert.ok(extended !== null);
    assert.ok(extended.leaseEnd > first.leaseEnd);
    const peer = await context.peer();
    const wait = first.leaseEnd - Date.now() + 300;
    const options = { visibility: longLease, wait, worker: 'w' };
    same(await peer.broker.receive(endpoint, 1, options), [], 'it came back all the same');
    await broker.ack(endpoint, extended.receipt);
    assert.equal(await broker.extend(endpoint, extended.receipt, longLease), null);
  },

  'an extended lease ends too': async (context) => {
    const { broker, endpoint, sent } = await sentOne(context);
    const first = await receiveOne(broker, endpoint);
    const { shortLease } = context.capabilities;
    const extended = await broker.extend(endpoint, first.receipt, shortLease);
    assert.ok(extended !== null);
    same((await comesAgain(context, broker, endpoint)).message, sent);
  },

  'extending with a stale receipt answers null and leaves the new holder its lease': async (
    context,
  ) => {
    const { stale, holder, endpoint, broker } = await stolen(context);
    assert.equal(await broker.extend(endpoint, stale.receipt, longLease), null);
    await holds(context, endpoint, holder);
  },

  'extending an acked message answers null': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const delivery = await receiveOne(broker, endpoint);
    await broker.ack(endpoint, delivery.receipt);
    assert.equal(await broker.extend(endpoint, delivery.receipt, longLease), null);
  },

  'a released message is visible at once, its failure with it': async (context) => {
    const { broker, endpoint, sent } = await sentOne(context);
    const first = await receiveOne(broker, endpoint);
    const reason = failure('Kartenzahlung 失敗 💥', { stack: 'at line 1\nat line 2' });
    await broker.release(endpoint, first.receipt, { delay: 0, failure: reason });
    const again = await comesAgain(context, (await context.peer()).broker, endpoint);
    same(again.message, sent);
    same(again.failures, [reason]);
    assert.equal(again.receives, 2);
    assert.notEqual(again.receipt, first.receipt);
  },

  'a release without a failure leaves none': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const first = await receiveOne(broker, endpoint);
    await broker.release(endpoint, first.receipt, { delay: 0 });
    same((await comesAgain(context, broker, endpoint)).failures, []);
  },

  'failures add up in order, over releases and ended leases': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const reasons = [failure('first'), failure('second')];
    for (const reason of reasons) {
      const delivery = await comesAgain(context, broker, endpoint);
      await broker.release(endpoint, delivery.receipt, { delay: 0, failure: reason });
    }
    await receiveOne(broker, endpoint, context.capabilities.shortLease);
    same((await comesAgain(context, broker, endpoint)).failures, reasons);
  },

  'a message released with a delay is not visible before, but after': async (context) => {
    const { broker, endpoint } = await sentOne(context);
    const first = await receiveOne(broker, endpoint);
    const delay = Math.max(300, context.capabilities.shortLease);
    const before = Date.now();
    await broker.release(endpoint, first.receipt, { delay });
    same(await receiveNow(broker, endpoint), []);
    await comesAgain(context, broker, endpoint);
    assert.ok(Date.now() >= before + delay - tolerance, 'visible before its delay');
  },

  'releasing with a stale receipt leaves the new holder its lease': async (context) => {
    const { stale, holder, endpoint, broker } = await stolen(context);
    const reason = failure('too late');
    await broker.release(endpoint, stale.receipt, { delay: 0, failure: reason });
    await holds(context, endpoint, holder);
  },

  'a delayed message is not visible before its time, but after': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    const delay = Math.max(400, context.capabilities.shortLease);
    const before = Date.now();
    await broker.send([message(endpoint)], { delay });
    same(await receiveNow(broker, endpoint), []);
    await comesAgain(context, (await context.peer()).broker, endpoint);
    assert.ok(Date.now() >= before + delay - tolerance, 'visible before its delay');
  },

  'a delayed message holds up none of those sent after it': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    await broker.send([message(endpoint)], { delay: longLease });
    const prompt = message(endpoint);
    await broker.send([prompt]);
    assert.equal((await receiveOne(broker, endpoint)).message.id, prompt.id);
  },

  'an ack with a stale receipt is no error and leaves the new holder its copy': {
    unless: ({ staleReceiptsMayWork }) =>
      staleReceiptsMayWork ? 'an ack with a stale receipt may take effect' : undefined,
    run: async (context) => {
      const { stale, holder, endpoint, broker } = await stolen(context);
      await broker.ack(endpoint, stale.receipt);
      await holds(context, endpoint, holder);
    },
  },
});

async function sentOne(context: Context) {
  const endpoint = await context.endpoint();
  const { broker } = context.ports;
  const sent = message(endpoint);
  await broker.send([sent]);
  return { broker, endpoint, sent };
}

/** Waits for the message to come (again). */
function comesAgain(context: Context, broker: Broker, endpoint: string): Promise<Delivery> {
  return receiveOne(broker, endpoint, longLease, context.capabilities.patience);
}

/** A message whose first lease ended and which another client holds now. */
async function stolen(context: Context) {
  const { broker, endpoint } = await sentOne(context);
  const stale = await receiveOne(broker, endpoint, context.capabilities.shortLease);
  const holder = await comesAgain(context, (await context.peer()).broker, endpoint);
  return { broker, endpoint, stale, holder };
}

/** The holder's copy is there, leased to nobody else, and its receipt works. */
async function holds(context: Context, endpoint: string, holder: Delivery): Promise<void> {
  same(await receiveNow(context.ports.broker, endpoint), [], 'the holder lost its lease');
  const peer = await context.peer();
  const lease = await peer.broker.extend(endpoint, holder.receipt, longLease);
  assert.notEqual(lease, null, 'the holder lost its copy');
}
