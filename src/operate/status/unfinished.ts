/** Actions in the log that have no result: they were cut short, or are at work still. */

import { loggedActions } from '../actions.js';
import { actorText } from '../actor.js';
import type { Operation } from '../operation.js';

export interface UnfinishedAction {
  /** Number of its entry in the log. */
  readonly id: number;
  readonly action: string;
  readonly about: string;
  readonly by: string;
  readonly begunAt: number;
  /** null: it was no plan. */
  readonly planId: string | null;
}

/** So many actions are looked at, from the newest on. */
const actionsLookedAt = 100;

/** Those begun before `before` (ms since the epoch) that nobody brought to an end later. */
export async function unfinishedActions(
  operation: Pick<Operation, 'log'>,
  before: number,
): Promise<readonly UnfinishedAction[]> {
  const unfinished: UnfinishedAction[] = [];
  const ended = new Set<string>();
  let seen = 0;
  for await (const { id, action, about, actor, begunAt, endedAt, planId } of loggedActions(
    operation,
  )) {
    const what = planId ?? `${action} ${about}`;
    if (endedAt !== null) ended.add(what);
    else if (!ended.has(what) && begunAt < before) {
      unfinished.push({ id, action, about, by: actorText(actor), begunAt, planId });
    }
    if (++seen >= actionsLookedAt) break;
  }
  return unfinished;
}
