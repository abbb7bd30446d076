/**
 * What a failed condition of a commit means. The SDK repeats a request whose answer was lost, and the
 * repetition then meets what the first one wrote: by the id that every write carries, one's own commit
 * is told from that of another.
 */
import { Conflict, OncectlError } from '../../../engine/errors.js';
import { type CommitPlan, entriesOf, versionOf } from './entity-item.js';
import { headOf } from './entry-item.js';
import { type Item, textOf } from './item.js';
import type { ConditionFailed } from './session.js';

/**
 * Returns when the commit took place after all. Throws `Conflict` when it certainly did not, and an
 * error of unknown effect when later commits hide it. `read` reads the entity strongly.
 */
export async function judgeLostRace(
  plan: CommitPlan,
  failure: ConditionFailed,
  read: () => Promise<Item | null>,
): Promise<void> {
  if (failure.isSure) throw lost(plan, failure.present);
  const present = failure.present ?? (await read());
  if (isOwn(plan, present)) return;
  if (versionOf(present) === plan.expected + 1) throw lost(plan, present);
  throw new OncectlError('timeout', 'the answer to a commit was lost, and later commits hide it', {
    about: plan.key,
    happened: 'unknown',
    hint: 'the message is handled again, from its first step',
    cause: failure,
  });
}

function isOwn({ writer, change: { entry } }: CommitPlan, present: Item | null): boolean {
  if (textOf(present?.['writer']) === writer) return true;
  const stored = entry && entriesOf(present)[entry.messageId]?.M;
  return stored !== undefined && headOf(stored).transaction === entry?.transaction;
}

function lost({ key, expected }: CommitPlan, present: Item | null): Conflict {
  const place = present
    ? `is at ${versionOf(present)}`
    : 'is there in another version, or not at all';
  return new Conflict(`${key} ${place}, not at ${expected}`);
}
