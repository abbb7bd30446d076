/**
 * I6, bounded: a drained deployment holds nothing but what its pending messages need, and dispatched
 * entries and dedupe records within their retention. Orphaned payloads are counted apart.
 */
import type { FinalLeftovers } from './final-files.js';

/** What pending messages may leave behind. */
export interface Excuses {
  /** Messages still queued or dead. Each may have its token, and one entry or slot. */
  readonly waiting: number;
  /** Committed outgoing messages that a pending message is still to dispatch: one payload each. */
  readonly heldBack: number;
}

/** What is left beyond that: how many, and a sentence. Empty when the run was not drained. */
export function leftBehind(left: FinalLeftovers, { waiting, heldBack }: Excuses) {
  if (!left.drained) return [];
  const kinds: readonly (readonly [string, number])[] = [
    ['entries not dispatched', left.entries - waiting],
    ['dispatched entries past their retention', left.overdueEntries],
    ['transaction slots', left.slots - waiting],
    // A dead message may have registered once for each of its attempts, so no bound is known then.
    ['registrations', waiting > 0 ? 0 : left.registrations],
    ['dedupe records past their retention', left.overdueDedupeRecords],
    ['live payloads', left.payloads - left.orphans - waiting - heldBack],
  ];
  return kinds
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => ({
      amount,
      what: `left behind after the drain, with ${waiting} messages pending: ${amount} ${name}`,
    }));
}
