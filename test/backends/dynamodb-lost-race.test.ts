/** What a failed condition means, when the SDK had sent the request more than once. */
import { describe, expect, it } from 'vitest';
import type { CommitPlan } from '../../src/backends/aws/dynamodb/entity-item.js';
import { entryAttributes } from '../../src/backends/aws/dynamodb/entry-item.js';
import { type Item, number, text } from '../../src/backends/aws/dynamodb/item.js';
import { judgeLostRace } from '../../src/backends/aws/dynamodb/lost-race.js';
import { ConditionFailed } from '../../src/backends/aws/dynamodb/session.js';
import { conflicts, entry, id, refusal } from '../conformance/fixtures.js';

const own = entry(id(), 'k');
const plan: CommitPlan = {
  key: 'orders/k',
  expected: 3,
  change: { entry: own },
  writer: 'me',
  record: null,
  separateEntries: false,
  knownEmpty: false,
};

function found(version: number, writer: string, entries: Record<string, Item> = {}): Item {
  const values = Object.entries(entries).map(([key, M]) => [key, { M }] as const);
  return {
    version: number(version),
    writer: text(writer),
    entries: { M: Object.fromEntries(values) },
  };
}

function judge(present: Item | null, isSure: boolean, read: Item | null = null): Promise<void> {
  return judgeLostRace(plan, new ConditionFailed(present, isSure, null), async () => read);
}

describe('a condition that did not hold', () => {
  it('is a lost race, when the request was sent once', async () => {
    await conflicts(judge(found(4, 'other'), true));
    await conflicts(judge(null, true));
  });

  it('is our own commit, when the item carries our write', async () => {
    await expect(judge(found(4, 'me'), false)).resolves.toBeUndefined();
  });

  it('is read for, when the server does not tell what was there', async () => {
    await expect(judge(null, false, found(4, 'me'))).resolves.toBeUndefined();
    await conflicts(judge(null, false, found(4, 'other')));
  });

  it('is a lost race, when another wrote the version that we wanted to', async () => {
    await conflicts(judge(found(4, 'other'), false));
  });

  it('is our own commit under later ones, when our entry is still there', async () => {
    const entries = { [own.messageId]: entryAttributes(own) };
    await expect(judge(found(6, 'other', entries), false)).resolves.toBeUndefined();
  });

  it('is unknown under later commits, when nothing of ours is there', async () => {
    const another = { [own.messageId]: entryAttributes(entry(own.messageId, 'k')) };
    for (const entries of [{}, another]) {
      const error = await refusal(judge(found(6, 'other', entries), false));
      expect(error.happened).toBe('unknown');
    }
  });
});
