/** Which dead letters a retry puts back, or a discard removes, and which are left alone. */
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import { makePlan, type Plan, type PlanItem, SkippedItems } from '../plan/plan.js';
import { appliedOrNot, copiesOfAll, isOnItsWay } from './applied.js';
import type { DeadHead } from './letters.js';

export const retryAction = 'dead.retry';
export const discardAction = 'dead.discard';

const atATime = 16;

/** Every letter is put back: a message that was applied is recognised, and goes. Writes nothing. */
export function planRetry(
  operation: Operation,
  letters: readonly DeadHead[],
  filter: Plan['filter'],
): Plan {
  const last = lastDeaths(letters);
  const items = letters.map((letter): PlanItem => {
    return {
      ...itemOf(letter, last),
      actions: ['redrive'],
      effect: { sends: 1, writes: 0, deletes: 0 },
      undo: 'no',
      rule: 'a retry is one more copy of the message, under its own id',
    };
  });
  return planOf(operation, retryAction, items, new SkippedItems(), filter);
}

/** Leaves out what was applied, and what is on its way. Writes nothing. */
export async function planDiscard(
  operation: Operation,
  letters: readonly DeadHead[],
  filter: Plan['filter'],
): Promise<Plan> {
  const skipped = new SkippedItems();
  const items: PlanItem[] = [];
  const last = lastDeaths(letters);
  const journal = operation.journal;
  const ids = new Set(letters.map(({ messageId }) => messageId));
  const committed = journal ? await journal.commitsOf(ids) : new Map();
  for (const endpoint of operation.endpoints) {
    const mine = letters.filter((letter) => letter.endpoint === endpoint.name);
    const copies = await copiesOfAll(endpoint, new Set(mine.map(({ messageId }) => messageId)));
    const rules = await inTurns(mine, (letter) => {
      return committed.get(letter.messageId)?.endpoint === endpoint.name
        ? 'it was applied: its commit is in the journal of the run'
        : ruleAgainst(operation, endpoint, letter, copies.get(letter.messageId) ?? []);
    });
    for (const [at, letter] of mine.entries()) {
      const rule = rules[at] ?? null;
      if (rule !== null) skipped.add(rule, letter.messageId, null);
      else items.push(discardItem(letter, last));
    }
  }
  return planOf(operation, discardAction, items, skipped, filter);
}

async function ruleAgainst(
  operation: Operation,
  endpoint: OperatedEndpoint,
  letter: DeadHead,
  copies: readonly QueuedCopy[],
): Promise<string | null> {
  const { applied } = await appliedOrNot(operation, endpoint, letter, copies);
  if (applied !== null) return applied;
  return copies.some(isOnItsWay) ? 'another copy of it is on its way' : null;
}

function discardItem(letter: DeadHead, last: ReadonlyMap<string, number>): PlanItem {
  const hasPayload = letter.headers.payload !== undefined;
  return {
    ...itemOf(letter, last),
    actions: hasPayload ? ['export', 'discard', 'delete-payload'] : ['export', 'discard'],
    effect: { sends: 0, writes: 0, deletes: hasPayload ? 2 : 1 },
    undo: 'yes',
    rule: 'no entry, slot or record shows that it was applied',
  };
}

/** What the plan of any action on a dead letter says of it. */
export function itemOf(
  letter: DeadHead,
  last: ReadonlyMap<string, number>,
): Pick<PlanItem, 'endpoint' | 'id' | 'key' | 'step' | 'observed'> {
  const { endpoint, messageId, key, receipt, deadAt, receives, group, headers } = letter;
  const lastDeadAt = last.get(nameOf(letter)) ?? deadAt;
  return {
    ...{ endpoint, id: messageId, key, step: 'dead' },
    observed: {
      ...{ receipt, deadAt, lastDeadAt, receives },
      error: group,
      payload: headers.payload ?? null,
    },
  };
}

/** By endpoint and message: a message of which two copies died is dead again only after both. */
export function lastDeaths(letters: readonly DeadHead[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const letter of letters) {
    const name = nameOf(letter);
    last.set(name, Math.max(last.get(name) ?? 0, letter.deadAt));
  }
  return last;
}

/** Puts the plan of an action on dead letters together. */
export function planOf(
  operation: Operation,
  action: string,
  items: readonly PlanItem[],
  skipped: SkippedItems,
  filter: Plan['filter'],
): Plan {
  return makePlan(operation, {
    ...{ action, items, filter, skipped: skipped.all(), now: Date.now() },
  });
}

function nameOf({ endpoint, messageId }: DeadHead): string {
  return `${endpoint}/${messageId}`;
}

async function inTurns<T, R>(
  all: readonly T[],
  use: (one: T) => R | Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += atATime) {
    results.push(...(await Promise.all(all.slice(from, from + atATime).map(use))));
  }
  return results;
}
