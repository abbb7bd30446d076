/** Upkeep of the small stores: dedupe records, payloads. */
import assert from 'node:assert/strict';
import type { DedupeRecord } from '../../src/engine/ports.js';
import type { StoredPayload, StoredRecord } from '../../src/engine/upkeep.js';
import { type Case, type Context, casesOf } from './case.js';
import { bytes, doneOrRefused, eventually, id, message, oddKeys, same } from './fixtures.js';
import { family, near, pagesOf } from './upkeep-fixtures.js';

const hour = 3_600_000;

export const recordUpkeepCases: readonly Case[] = casesOf('upkeep', {
  'dedupe records are listed whole, by id, page by page': async (context) => {
    const endpoint = await context.endpoint();
    const { prefix, named } = family();
    const written: StoredRecord[] = [];
    for (const name of ['4', '1', '3', '0', '2', '5', '6']) {
      written.push({ messageId: named(name), record: record() });
    }
    for (const one of written) await add(context, endpoint, one);
    await add(context, endpoint, { messageId: `x${named('7')}`, record: record() });
    const expected = written.sort((left, right) => (left.messageId < right.messageId ? -1 : 1));
    for (const limit of [1, 3, 7, 100]) {
      same(await recordsOf(context, endpoint, { prefix, limit }), expected, `pages of ${limit}`);
    }
    assert.equal((await recordsOf(context, endpoint, { limit: 3 })).length, 8);
    const elsewhere = await context.endpoint('elsewhere');
    same(await recordsOf(context, elsewhere, { prefix, limit: 3 }), []);
  },

  'oddly named records are listed each exactly once, in pages of one': async (context) => {
    const endpoint = await context.endpoint();
    const kept: string[] = [];
    for (const odd of oddKeys) {
      const added = context.ports.dedupe.add(endpoint, odd, record());
      if (await doneOrRefused(added)) kept.push(odd);
    }
    const found = await recordsOf(context, endpoint, { limit: 1 });
    same(found.map(({ messageId }) => messageId).sort(), [...kept].sort());
  },

  'a record that expired is listed for as long as it is there': async (context) => {
    const endpoint = await context.endpoint();
    const over = { by: 'w', at: Date.now() - 2 * hour, expires: Date.now() - hour };
    // A store may purge it at any moment, but not always before it was looked at.
    await eventually(
      'the expired record',
      context.capabilities.patience,
      async () => {
        const messageId = id();
        await context.ports.dedupe.add(endpoint, messageId, over);
        return recordsOf(context, endpoint, { prefix: messageId, limit: 2 });
      },
      (found) => found.length === 1 && found[0]?.record.expires === over.expires,
    );
  },

  'a record is removed while it is the one that was listed, and only then': async (context) => {
    const endpoint = await context.endpoint();
    const { dedupe } = context.upkeep;
    const { has } = context.ports.dedupe;
    const isThere = has.bind(context.ports.dedupe, endpoint);
    const messageId = id();
    const [first, second] = [record({ at: Date.now() - 5 }), record({ by: 'worker-2' })];
    await context.ports.dedupe.add(endpoint, messageId, first);
    const peer = await context.peer();
    await peer.dedupe.add(endpoint, messageId, second);
    assert.equal(await dedupe.remove(endpoint, messageId, first), false);
    const otherTime = { ...second, at: second.at + 1 };
    assert.equal(await dedupe.remove(endpoint, messageId, otherTime), false);
    assert.equal(await isThere(messageId), true, 'a changed record was removed');
    same(await recordsOf(context, endpoint, { limit: 5 }), [{ messageId, record: second }]);
    assert.equal(await dedupe.remove(endpoint, messageId, second), true);
    assert.equal(await dedupe.remove(endpoint, messageId, second), false, 'a second time');
    assert.equal(await isThere(messageId), false);
    assert.equal(await peer.dedupe.has(endpoint, messageId), false);
    same(await recordsOf(context, endpoint, { limit: 5 }), []);
  },

  'removing a record leaves that id at another endpoint, and other ids, alone': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    const { named } = family();
    const shared = record();
    for (const [endpoint, name] of [
      [left, '1'],
      [left, '10'],
      [right, '1'],
    ] as const) {
      await context.ports.dedupe.add(endpoint, named(name), shared);
    }
    const { dedupe } = context.upkeep;
    assert.equal(await dedupe.remove(right, named('10'), shared), false);
    assert.equal(await dedupe.remove(left, named('1'), shared), true);
    const ids = async (endpoint: string) =>
      (await recordsOf(context, endpoint, { limit: 5 })).map(({ messageId }) => messageId);
    same([await ids(left), await ids(right)], [[named('10')], [named('1')]]);
  },

  'what entered an island is recorded, and can be removed': async (context) => {
    const { island } = context.ports;
    if (island === undefined) return;
    const endpoint = await context.endpoint();
    const sent = message(endpoint);
    const from = Date.now();
    await island.enter([sent]);
    const [found, ...more] = await recordsOf(context, endpoint, { limit: 1 });
    same(more, []);
    assert.equal(found?.messageId, sent.id);
    near(found?.record.at, from, Date.now(), 'when it entered');
    assert.ok(found && found.record.expires > found.record.at);
    const { dedupe } = context.upkeep;
    const changed = { ...found.record, by: 'nobody' };
    assert.equal(await dedupe.remove(endpoint, sent.id, changed), false);
    assert.equal(await dedupe.remove(endpoint, sent.id, found.record), true);
    same(await recordsOf(context, endpoint, { limit: 1 }), []);
  },

  'payloads are listed by id with origin, time and size, until they are deleted': async (
    context,
  ) => {
    const { prefix, named } = family();
    const { payload } = context.ports;
    const { ownTimesDiffer = 0 } = context.capabilities;
    const from = Date.now() - ownTimesDiffer;
    const sizes = { '0': 0, '1': 1, '2': 100_000, '3': 7, '4': 300, '5': 5 };
    const origins = Object.keys(sizes).map((name) => ({
      endpoint: `orders-${name}`,
      messageId: id(),
      attempt: id(),
    }));
    for (const [at, size] of Object.values(sizes).entries()) {
      const origin = origins[at];
      if (origin) await payload.put(named(`${at}`), new Uint8Array(size), origin);
    }
    const to = Date.now() + ownTimesDiffer;
    await payload.put(`x${prefix}`, bytes('x'), { endpoint: 'o', messageId: id(), attempt: id() });
    await payload.delete(named('3'));
    for (const limit of [1, 2, 5, 100]) {
      const found = await payloadsOf(context, { prefix, limit });
      for (const { at } of found) near(at, from, to, 'when it was put');
      same(
        found.map(({ id, origin, bytes }) => ({ id, origin, bytes })),
        ['0', '1', '2', '4', '5'].map((name) => ({
          id: named(name),
          origin: origins[Number(name)],
          bytes: sizes[name as keyof typeof sizes],
        })),
      );
    }
  },

  'what another client records, puts and deletes is listed at once': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    for (let round = 0; round < 5; round += 1) {
      const [messageId, own] = [id(), record()];
      const ids = { prefix: messageId, limit: 2 };
      same(await recordsOf(context, endpoint, ids), []);
      await peer.dedupe.add(endpoint, messageId, own);
      same(await recordsOf(context, endpoint, ids), [{ messageId, record: own }]);
      const origin = { endpoint, messageId, attempt: id() };
      await peer.payload.put(messageId, bytes('body'), origin);
      const [found] = await payloadsOf(context, ids);
      same([found?.origin, found?.bytes], [origin, 4]);
      await peer.payload.delete(messageId);
      same(await payloadsOf(context, ids), []);
    }
  },
});

function record(fields: Partial<DedupeRecord> = {}): DedupeRecord {
  return { by: 'worker-1', at: Date.now(), expires: Date.now() + hour, ...fields };
}

function add({ ports }: Context, endpoint: string, { messageId, record }: StoredRecord) {
  return ports.dedupe.add(endpoint, messageId, record);
}

function recordsOf(
  { upkeep }: Context,
  endpoint: string,
  query: { readonly prefix?: string; readonly limit: number },
): Promise<StoredRecord[]> {
  const list = upkeep.dedupe.records.bind(upkeep.dedupe, endpoint);
  return pagesOf<StoredRecord>(list, ({ messageId }) => messageId, query);
}

function payloadsOf(
  { upkeep }: Context,
  query: { readonly prefix: string; readonly limit: number },
): Promise<StoredPayload[]> {
  const list = upkeep.payload.payloads.bind(upkeep.payload);
  return pagesOf<StoredPayload>(list, (one) => one.id, query);
}
