/** Evidence: what an audit reads beside the ports tells exactly what happened. */
import assert from 'node:assert/strict';
import { hashOf, type Leftovers } from '../../src/engine/evidence.js';
import type { CommitRecord } from '../../src/engine/ports.js';
import { entryAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  bytes,
  conflicts,
  failure,
  fullMessage,
  id,
  longLease,
  message,
  receiveOne,
  registration,
  same,
  slot,
} from './fixtures.js';

export const evidenceCases: readonly Case[] = casesOf('evidence', {
  'every commit leaves its record, a lost race leaves none': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const [one, two, lost] = [record(endpoint, 1), record(endpoint, 2), record(endpoint, 2)];
    const first = await business.commit(endpoint, 'k', 0, { state: bytes('1'), record: one });
    await conflicts(business.commit(endpoint, 'k', 0, { state: bytes('x'), record: lost }));
    const peer = await context.peer();
    await peer.business.commit(endpoint, 'k', first, { state: bytes('2'), record: two });
    same(await recordsOf(context, endpoint), [one, two]);
  },

  'records that were taken come again until they are dropped, and then no more': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    await recordsOf(context, endpoint);
    const own = record(endpoint, 1);
    await context.ports.business.commit(endpoint, 'k', 0, { state: bytes('1'), record: own });
    const taken = await context.evidence.takeRecords(10);
    same(taken, [own]);
    same(await context.evidence.takeRecords(10), [own]);
    await context.evidence.dropTaken();
    same(await context.evidence.takeRecords(10), []);
  },

  'a record committed between taking and dropping is not dropped': async (context) => {
    const endpoint = await context.endpoint();
    await recordsOf(context, endpoint);
    const [one, two] = [record(endpoint, 1), record(endpoint, 2)];
    const { business } = context.ports;
    const first = await business.commit(endpoint, 'k', 0, { record: one });
    same(await context.evidence.takeRecords(10), [one]);
    await business.commit(endpoint, 'k', first, { record: two });
    await context.evidence.dropTaken();
    same(await context.evidence.takeRecords(10), [two]);
  },

  'no more records are taken than asked for, the oldest first': async (context) => {
    const endpoint = await context.endpoint();
    await recordsOf(context, endpoint);
    const all = Array.from({ length: 25 }, (_, index) => record(endpoint, index + 1));
    let version = 0;
    for (const own of all) {
      version = await context.ports.business.commit(endpoint, 'k', version, { record: own });
    }
    same(await context.evidence.takeRecords(10), all.slice(0, 10));
    await context.evidence.dropTaken();
    same(await context.evidence.takeRecords(100), all.slice(10));
    await context.evidence.dropTaken();
  },

  'the entities stand as they were last committed': async (context) => {
    const endpoint = await context.endpoint();
    const transaction = id();
    const { business } = context.ports;
    const one = await business.commit(endpoint, 'k', 0, { state: bytes('1'), transaction: id() });
    const two = await business.commit(endpoint, 'k', one, { state: bytes('2'), transaction });
    await business.commit(endpoint, 'Ä/0', 0, { state: null });
    const found = (await all(context.evidence.entities())).filter((e) => e.endpoint === endpoint);
    same(
      found.map(({ key, version, transaction, hash }) => ({ key, version, transaction, hash })),
      found[0]?.key === 'k' ? [k(two), empty(found[1])] : [empty(found[0]), k(two)],
    );
    function k(version: number) {
      return { key: 'k', version, transaction, hash: hashOf(bytes('2')) };
    }
    function empty(other: { version: number } | undefined) {
      return { key: 'Ä/0', version: other?.version, transaction: null, hash: '' };
    }
  },

  'queued, leased, delayed and dead messages are pending, acked ones are not': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    // Who lists by receiving waits for what is hidden.
    const hidden = context.capabilities.listsByReceiving ? 2_000 : longLease;
    const [dead, acked, leased] = [message(endpoint), message(endpoint), message(endpoint)];
    for (const one of [dead, acked, leased]) {
      await broker.send([one]);
      const { receipt } = await receiveOne(broker, endpoint, hidden);
      if (one === dead) await broker.deadLetter(endpoint, receipt, failure());
      if (one === acked) await broker.ack(endpoint, receipt);
    }
    const [delayed, queued] = [message(endpoint), message(endpoint)];
    await broker.send([delayed], { delay: hidden });
    await broker.send([queued]);
    const expected = [dead, leased, delayed, queued].map(({ id: messageId }) => ({
      endpoint,
      messageId,
      where: messageId === dead.id ? 'dead' : 'queued',
    }));
    const found = (await all(context.evidence.pending())).filter((p) => p.endpoint === endpoint);
    same(found.sort(byId), expected.sort(byId));
  },

  'the depth of every endpoint is that of its queue': async (context) => {
    const endpoint = await context.endpoint();
    const { broker } = context.ports;
    await broker.send([message(endpoint), message(endpoint)]);
    await receiveOne(broker, endpoint);
    const found = (await context.evidence.depth([endpoint])).get(endpoint);
    same(found, { visible: 1, inFlight: 1, delayed: 0, dead: 0 });
    same(found, await broker.depth(endpoint));
  },

  'a payload is listed with the message that put it, until it is deleted': async (context) => {
    const [kept, gone, messageId] = [id(), id(), id()];
    const origin = { endpoint: 'orders', messageId, attempt: id() };
    await context.ports.payload.put(kept, bytes('x'), origin);
    await context.ports.payload.put(gone, bytes('x'), origin);
    await context.ports.payload.delete(gone);
    const listed = (await all(context.evidence.payloads())).filter(
      (one) => one.messageId === messageId,
    );
    same(
      listed.map((one) => one.id),
      [kept],
    );
  },

  'a payload is referenced by queued and dead messages, checked entries and slots': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { broker, business } = context.ports;
    const [dead, queued, taken, acked] = [0, 1, 2, 3].map(() => fullMessage(endpoint));
    for (const one of [dead, acked]) {
      await broker.send([one ?? message(endpoint)]);
      const { receipt } = await receiveOne(broker, endpoint);
      if (one === dead) await broker.deadLetter(endpoint, receipt, failure());
      else await broker.ack(endpoint, receipt);
    }
    await broker.send([queued ?? message(endpoint)]);
    const messages = [taken ?? message(endpoint)];
    const { payloads } = await entryAt(context, endpoint, 'checked', { messages });
    const own = slot(id());
    await business.commit(endpoint, 'other', 0, { slot: own });
    const found = new Set(await all(context.evidence.referencedPayloads()));
    const named = [dead, queued].map((one) => one?.headers.payload?.id ?? 'none');
    for (const one of [...named, ...Object.values(payloads), ...Object.values(own.payloads)]) {
      assert.ok(found.has(one), 'a payload in use counts as unreferenced');
    }
    assert.ok(!found.has(acked?.headers.payload?.id ?? ''), 'an acked message holds its payload');
  },

  'leftovers count each kind, and nothing of it once it is gone': async (context) => {
    const endpoint = await context.endpoint();
    const { business, payload } = context.ports;
    const before = await context.evidence.leftovers(Date.now());
    const { written } = await entryAt(context, endpoint, 'committed');
    await entryAt(context, endpoint, 'dispatched');
    const change = { slot: slot(id()), registry: [registration(id())] };
    const version = await business.commit(endpoint, 'other', 0, change);
    await remember(context, endpoint);
    const payloadId = id();
    await payload.put(payloadId, bytes('x'), { endpoint, messageId: id(), attempt: id() });
    const between = await context.evidence.leftovers(Date.now());
    const { entries, ...others } = difference(between, before);
    assert.ok(entries === 1 || entries === 2, 'dispatched entries may count as entries too');
    const added = { dispatchedEntries: 1, dedupeRecords: 1 };
    same(others, { ...added, slots: 1, registrations: 1, payloads: 1 });
    await business.settle(endpoint, written.messageId, 'any', { step: 'removed' });
    await business.commit(endpoint, 'other', version, { slot: null, registry: [] });
    await payload.delete(payloadId);
    const after = await context.evidence.leftovers(Date.now());
    same(difference(after, between), { entries: -1, slots: -1, registrations: -1, payloads: -1 });
  },
});

function record(endpoint: string, version: number): CommitRecord {
  return {
    endpoint,
    messageId: id(),
    key: 'k',
    transaction: id(),
    previous: version === 1 ? null : id(),
    version,
    before: hashOf(bytes(String(version - 1))),
    after: hashOf(bytes(String(version))),
    outgoing: [{ id: id(), endpoint: 'next', hash: hashOf(bytes('x')) }],
  };
}

/** Takes and drops every record, and returns those of one endpoint, oldest first. */
async function recordsOf(context: Context, endpoint: string): Promise<CommitRecord[]> {
  const found: CommitRecord[] = [];
  for (;;) {
    const taken = await context.evidence.takeRecords(1_000);
    if (taken.length === 0) return found;
    found.push(...taken.filter((one) => one.endpoint === endpoint));
    await context.evidence.dropTaken();
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Leaves one record of a known id: with an island that of an entered message. */
async function remember({ ports }: Context, endpoint: string): Promise<void> {
  if (ports.island !== undefined) return ports.island.enter([message(endpoint)]);
  const expires = Date.now() + 3_600_000;
  await ports.dedupe.add(endpoint, id(), { by: 'w', at: Date.now(), expires });
}

/** The counts that differ, and by how much. */
function difference(now: Leftovers, before: Leftovers): Partial<Leftovers> {
  const names = Object.keys(now) as (keyof Leftovers)[];
  const changes = names.map((name) => [name, now[name] - before[name]] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

function byId(left: { messageId: string }, right: { messageId: string }): number {
  return left.messageId < right.messageId ? -1 : 1;
}
