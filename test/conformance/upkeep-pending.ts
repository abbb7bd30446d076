/** Upkeep of the business store: the oldest pending entries, and how many there are. */
import assert from 'node:assert/strict';
import { IdSource, idTime } from '../../src/engine/ids.js';
import type { PendingEntry } from '../../src/engine/ports.js';
import { entryAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import { always, entry, id, same, slot } from './fixtures.js';

const anyNumber = 1_000;
const minute = 60_000;

export const pendingUpkeepCases: readonly Case[] = casesOf('upkeep', {
  'the oldest pending entries come by the time of their commit, not by id': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const now = Date.now();
    // Of machines whose clocks differ, handled long after they were made, and of foreign ids.
    const ids = [
      idOf(now - 10 * minute),
      idOf(now - 5 * minute),
      idOf(now),
      idOf(now + minute),
      'A-foreign',
      'z-foreign',
    ];
    const order = [2, 4, 3, 1, 5, 0];
    for (const [at, messageId] of ids.entries()) {
      const committedAt = now + 1_000 * (order[at] ?? 0);
      await business.commit(endpoint, messageId, 0, {
        entry: entry(messageId, messageId, { committedAt }),
      });
    }
    const expected = [...ids.keys()]
      .sort((left, right) => (order[left] ?? 0) - (order[right] ?? 0))
      .map((at) => ids[at] ?? '');
    for (const limit of [1, 2, 3, 5, anyNumber]) {
      const found = await oldest(context, endpoint, always, limit);
      same(idsOf(found), expected.slice(0, limit), `the oldest ${limit}`);
    }
    same(idsOf(await oldest(context, endpoint, now + 2_000, anyNumber)), expected.slice(0, 2));
  },

  'among many young ones the one that was committed late is found': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const now = Date.now();
    const all: { readonly messageId: string; readonly committedAt: number }[] = [];
    for (let at = 0; at < 60; at += 1) {
      const messageId = idOf(now - (60 - at) * minute);
      const isLate = at % 4 === 0;
      const committedAt = isLate ? now + at : idTime(messageId) + 100;
      all.push({ messageId, committedAt });
      const written = entry(messageId, messageId, { committedAt });
      await business.commit(endpoint, messageId, 0, { entry: written });
    }
    const expected = all
      .sort((left, right) => left.committedAt - right.committedAt)
      .map(({ messageId }) => messageId);
    for (const limit of [1, 7, 44, 45, 46, 60]) {
      same(idsOf(await oldest(context, endpoint, always, limit)), expected.slice(0, limit));
    }
  },

  'the oldest pending are those that `listPending` lists, slots among them': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const now = Date.now();
    await entryAt(context, endpoint, 'committed', { committedAt: now + 3 }, 'a');
    await entryAt(context, endpoint, 'checked', { committedAt: now + 1, worker: 'w-7' }, 'b');
    await entryAt(context, endpoint, 'dispatched', { committedAt: now }, 'c');
    await business.commit(endpoint, 'd', 0, { slot: slot(id(), { committedAt: now + 2 }) });
    const found = await oldest(context, endpoint, always, anyNumber);
    same(
      found.map(({ key, step, worker }) => [key, step, worker]),
      [
        ['b', 'checked', 'w-7'],
        ['d', 'slot', 'worker-1'],
        ['a', 'committed', 'worker-1'],
      ],
    );
    const listed = await business.listPending(endpoint, always, null, anyNumber);
    const byTime = [...listed].sort((left, right) => left.committedAt - right.committedAt);
    same(found, byTime);
    same(await oldest(context, await context.endpoint('other'), always, anyNumber), []);
  },

  'entries and slots that were committed before a time are counted': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const now = Date.now();
    for (let at = 0; at < 9; at += 1) {
      const step = at % 3 === 2 ? 'dispatched' : at % 3 === 1 ? 'checked' : 'committed';
      await entryAt(context, endpoint, step, { committedAt: now + at });
    }
    await business.commit(endpoint, 's', 0, { slot: slot(id(), { committedAt: now + 4 }) });
    const { countPending } = context.upkeep.business;
    const count = countPending.bind(context.upkeep.business, endpoint);
    same(await count(always, anyNumber), { count: 7, exact: true });
    same(await count(now, anyNumber), { count: 0, exact: true });
    same(await count(now + 4, anyNumber), { count: 3, exact: true });
    same(await count(now + 5, anyNumber), { count: 5, exact: true });
    const other = await context.endpoint('other');
    same(await context.upkeep.business.countPending(other, always, 3), { count: 0, exact: true });
  },

  'a count that stops early says so, and never tells too many': async (context) => {
    const endpoint = await context.endpoint();
    for (let at = 0; at < 5; at += 1) await entryAt(context, endpoint, 'committed');
    const { business } = context.ports;
    for (const key of ['s', 't']) await business.commit(endpoint, key, 0, { slot: slot(id()) });
    for (const most of [1, 4, 5, 6, 7, 8]) {
      const { count, exact } = await context.upkeep.business.countPending(endpoint, always, most);
      if (exact || most > 7) assert.equal(count, 7, `of at most ${most}`);
      assert.ok(count <= 7 && count >= Math.min(most, 7), `${count} of at most ${most}`);
      assert.ok(exact || most <= 7, 'it counted them all');
    }
  },
});

/** An id of ours that was made at a given time, by another process each. */
function idOf(ms: number): string {
  return new IdSource().next(ms);
}

function oldest(
  { upkeep }: Context,
  endpoint: string,
  olderThan: number,
  limit: number,
): Promise<readonly PendingEntry[]> {
  return upkeep.business.oldestPending(endpoint, olderThan, limit);
}

function idsOf(entries: readonly PendingEntry[]): string[] {
  return entries.map(({ messageId }) => messageId);
}
