/** Business store, third part: what is pending, the slot and the registry. */
import assert from 'node:assert/strict';
import type { PendingEntry } from '../../src/engine/ports.js';
import { entryAt, loadAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  always,
  bytes,
  conflicts,
  entry,
  eventually,
  id,
  newEntity,
  oddKeys,
  registration,
  same,
  slot,
} from './fixtures.js';

export const pendingCases: readonly Case[] = casesOf('business', {
  'committed and checked entries are pending, dispatched and removed ones are not': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { written: one } = await entryAt(context, endpoint, 'committed', { worker: 'w-7' });
    const { written: two } = await entryAt(context, endpoint, 'checked');
    await entryAt(context, endpoint, 'dispatched');
    const { written: gone } = await entryAt(context, endpoint, 'committed');
    await context.ports.business.settle(endpoint, gone.messageId, 'any', { step: 'removed' });
    const expected = [
      { ...listed(endpoint, one), step: 'committed' },
      { ...listed(endpoint, two), step: 'checked' },
    ];
    const found = await pendingOf(context, endpoint, 2);
    same(found.map(({ cursor: _, ...fields }) => fields).sort(byId), expected.sort(byId));
  },

  'only entries committed before the asked time are listed': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    for (const committedAt of [1_000, 2_000, 3_000]) {
      await entryAt(context, endpoint, 'committed', { committedAt });
    }
    for (const [olderThan, expected] of [
      [1_000, []],
      [1_001, [1_000]],
      [3_000, [1_000, 2_000]],
      [always, [1_000, 2_000, 3_000]],
    ] as const) {
      const found = await business.listPending(endpoint, olderThan, null, 10);
      same(found.map((one) => one.committedAt).sort(), expected, `older than ${olderThan}`);
    }
  },

  'pending entries are listed page by page, each exactly once': async (context) => {
    const endpoint = await context.endpoint();
    const ids = await manyPending(context, endpoint, 25);
    const { found, pages } = await listAll(context, endpoint, 10, async () => {});
    assert.ok(Math.max(...pages) <= 10, 'a page longer than its limit');
    same(found.sort(), ids.sort());
  },

  'settling the listed page does not disturb the next one': async (context) => {
    const endpoint = await context.endpoint();
    const ids = await manyPending(context, endpoint, 25);
    const { found } = await listAll(context, endpoint, 10, async ({ messageId }) => {
      await context.ports.business.settle(endpoint, messageId, 'any', { step: 'removed' });
    });
    same(found.sort(), ids.sort());
  },

  'pages of one pass over slots of oddly named entities, each exactly once': async (context) => {
    const endpoint = await context.endpoint();
    const ids: string[] = [];
    for (const key of oddKeys) {
      const taken = slot(id());
      await context.ports.business.commit(endpoint, key, 0, { slot: taken });
      ids.push(taken.messageId);
    }
    const { found } = await listAll(context, endpoint, 1, async () => {});
    same(found.sort(), ids.sort());
  },

  'pages that skip young entries end only when no old one is left': async (context) => {
    const endpoint = await context.endpoint();
    const old: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      const committedAt = index % 10 === 9 ? 1_000 : 9_000;
      const { written } = await entryAt(context, endpoint, 'committed', { committedAt });
      if (committedAt === 1_000) old.push(written.messageId);
    }
    const { found } = await listAll(context, endpoint, 2, async () => {}, 5_000);
    same(found.sort(), old.sort());
  },

  'pending entries of one endpoint are none of another': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    await entryAt(context, left, 'committed');
    same(await context.ports.business.listPending(right, always, null, 10), []);
  },

  'slot and registry come out as they went in, for every client': async (context) => {
    const endpoint = await context.endpoint();
    const change = { slot: slot(id()), registry: [registration(id()), registration(id())] };
    const version = await context.ports.business.commit(endpoint, 'k', 0, change);
    for (const ports of [context.ports, await context.peer()]) {
      const found = await loadAt(context, ports, endpoint, 'k', id(), version);
      same(found, { ...newEntity(), ...change, version });
    }
  },

  'a slot without a token comes out without one': async (context) => {
    const endpoint = await context.endpoint();
    const written = slot(id(), { token: null, messages: [], payloads: {} });
    const version = await context.ports.business.commit(endpoint, 'k', 0, { slot: written });
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), version);
    same(found.slot, written);
  },

  'slot and registry stay through commits that leave them out, and are cleared apart': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const kept = { slot: slot(id()), registry: [registration(id())] };
    const one = await business.commit(endpoint, 'k', 0, kept);
    const two = await business.commit(endpoint, 'k', one, { state: bytes('x') });
    const load = (version: number) => loadAt(context, context.ports, endpoint, 'k', id(), version);
    same(await load(two), { ...newEntity(), ...kept, state: bytes('x'), version: two });
    const three = await business.commit(endpoint, 'k', two, { slot: null });
    same([(await load(three)).slot, (await load(three)).registry], [null, kept.registry]);
    const four = await business.commit(endpoint, 'k', three, { registry: [] });
    same((await load(four)).registry, []);
  },

  'a registration is conditional and moves the version': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const own = registration(id());
    const one = await business.commit(endpoint, 'k', 0, { registry: [own] });
    await conflicts(business.commit(endpoint, 'k', 0, { registry: [registration(id())] }));
    const two = await business.commit(endpoint, 'k', one, { registry: [own, registration(id())] });
    assert.ok(two > one);
    await conflicts(business.commit(endpoint, 'k', one, { slot: slot(id()) }));
  },

  'a taken slot is pending until it is cleared': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const taken = slot(id(), { committedAt: 2_000, worker: 'w-7' });
    const version = await business.commit(endpoint, 'k', 0, { slot: taken });
    const [found] = await pendingOf(context, endpoint, 1);
    const { cursor: _, ...fields } = found ?? { cursor: '' };
    same(fields, { ...listed(endpoint, { ...taken, key: 'k' }), step: 'slot' });
    same(await business.listPending(endpoint, 2_000, null, 10), []);
    await business.commit(endpoint, 'k', version, { slot: null });
    await pendingOf(context, endpoint, 0);
  },

  'slots of two endpoints and of two entities share nothing': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    const { business } = context.ports;
    await business.commit(left, 'k', 0, { slot: slot(id()), registry: [registration(id())] });
    same(await business.load(right, 'k', id()), newEntity());
    same(await business.load(left, 'other', id()), newEntity());
  },
});

interface Committed {
  readonly key: string;
  readonly messageId: string;
  readonly worker: string;
  readonly committedAt: number;
}

function listed(endpoint: string, { key, messageId, worker, committedAt }: Committed) {
  return { endpoint, key, messageId, worker, committedAt };
}

function byId(left: { messageId: string }, right: { messageId: string }): number {
  return left.messageId < right.messageId ? -1 : 1;
}

/** What another client lists, once there are `count`. */
async function pendingOf(context: Context, endpoint: string, count: number) {
  const peer = await context.peer();
  return eventually(
    `${count} pending`,
    context.capabilities.patience,
    () => peer.business.listPending(endpoint, always, null, 100),
    (found) => found.length === count,
  );
}

/** Entries of many entities, two of each, the oldest not first. */
async function manyPending(context: Context, endpoint: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const committedAt = 10_000 + ((index * 7) % count);
    const key = `k${index % Math.ceil(count / 2)}`;
    const written = entry(id(), key, { committedAt });
    const { business } = context.ports;
    const { version } = await business.load(endpoint, key, written.messageId);
    await business.commit(endpoint, key, version, { entry: written });
    ids.push(written.messageId);
  }
  await pendingOf(context, endpoint, count);
  return ids;
}

async function listAll(
  context: Context,
  endpoint: string,
  limit: number,
  each: (one: PendingEntry) => Promise<void>,
  olderThan = always,
) {
  const pages: number[] = [];
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const { business } = context.ports;
    const page: PendingEntry[] = await business.listPending(endpoint, olderThan, after, limit);
    if (page.length === 0) return { found, pages };
    pages.push(page.length);
    for (const one of page) {
      found.push(one.messageId);
      await each(one);
    }
    after = page.at(-1)?.cursor ?? null;
  }
}
