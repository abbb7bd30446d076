/** One dead letter, whole, with what shows whether its message was applied. */
import type { DeadLetter } from '../../engine/ports.js';
import { uniqueId } from '../ids.js';
import type { Operation } from '../operation.js';
import { type AppliedOrNot, appliedOrNot, copiesOfAll } from './applied.js';
import { type Claim, readClaim } from './claim.js';
import { coverageOf, headOf, lettersOf, namedDead } from './letters.js';
import { editable } from './plan-edit.js';

export interface ShownLetter {
  readonly letter: DeadLetter;
  /** From the message or from its payload. */
  readonly body: Uint8Array;
  /** The message names a payload that is not there. */
  readonly bodyGone: boolean;
  readonly state: AppliedOrNot;
  /** How many letters of this message there are beside this one, the one that died last. */
  readonly others: number;
  /** Who began to act on it; null for nobody. */
  readonly claim: Claim | null;
  readonly coverage: ReturnType<typeof coverageOf>;
}

/** Reads only. Errors: `not-found`, `ambiguous`, `usage`, the stores'. */
export async function shownLetter(operation: Operation, wanted: string): Promise<ShownLetter> {
  const { letter, others } = await theLetter(operation, wanted);
  const { endpoint: name, id } = letter.message;
  const endpoint = operation.endpoint(name);
  const copies = (await copiesOfAll(endpoint, new Set([id]))).get(id) ?? [];
  const { body, isGone } = await editable(operation, letter);
  const state = await appliedOrNot(operation, endpoint, headOf(letter), copies);
  const { value } = await readClaim(operation.cells, { endpoint: name, receipt: letter.receipt });
  const coverage = coverageOf([endpoint]);
  return { letter, body, bodyGone: isGone, state, others, claim: value, coverage };
}

/** The letter with this id, whole: of several deaths of one message the last. */
export async function theLetter(
  operation: Operation,
  wanted: string,
): Promise<{ readonly letter: DeadLetter; readonly others: number }> {
  const heads = await namedDead(operation, [wanted]);
  const id = uniqueId(wanted, [...new Set(heads.map(({ messageId }) => messageId))]);
  const newest = heads.reduce((one, other) => (other.deadAt > one.deadAt ? other : one));
  const letters = await lettersOf(operation.endpoint(newest.endpoint), id);
  const letter = letters.find(({ receipt }) => receipt === newest.receipt);
  // It left the dead letters while it was looked for.
  if (!letter) return theLetter(operation, wanted);
  return { letter, others: heads.length - 1 };
}
