/**
 * Who acts on a dead letter: a record in the deployment's own store, one for each death, written before
 * anything else is. A broker decides which of two retries or discards of one letter wins; the record says
 * who. An edit first sends and then discards, so from its send on nobody else may act on the letter: it
 * binds the record before it sends, by a conditional write, and whoever comes later yields.
 *
 *  C1 Nobody retries, discards or edits a letter whose record another plan has bound.
 *  C2 A record that is not bound may be taken over; the one who had it finds out when it wants to bind.
 *  C3 A retry or discard that was begun keeps edits away until its outcome is known.
 */
import { hash } from 'node:crypto';
import type { Cell, Cells } from '../../engine/control/cells.js';
import { asOncectlError, Conflict } from '../../engine/errors.js';
import { isoTime } from '../../engine/iso-time.js';
import { actorText } from '../actor.js';
import type { Operation } from '../operation.js';
import type { Plan } from '../plan/plan.js';

export type DeadAction = 'dead.retry' | 'dead.discard' | 'dead.edit';

export interface Claim {
  readonly action: DeadAction;
  readonly planId: string;
  /** Who, and when it was last written, ms since the epoch. */
  readonly by: string;
  readonly at: number;
  readonly messageId: string;
  /**
   * `begun`: a retry that may have taken place, or a discard whose outcome is not known. `open`: an edit
   * that has sent nothing, or what certainly did not take place. `bound`: an edit that may have sent.
   * `done`: the letter was discarded, by an edit after it had sent.
   */
  readonly phase: 'open' | 'begun' | 'bound' | 'done';
  /** Of an edit: id of the message that replaces the letter's. */
  readonly editedTo: string | null;
  /** Of an edit: the payload that was put last, where the body goes by way of a payload store. */
  readonly payload: string | null;
}

export interface Claimed {
  /**
   * `fresh`: this call wrote it. `earlier`: this plan had begun before. `shared`: another plan's retry
   * or discard is begun, and ours may act too. `forbidden`: somebody else's, and nobody else may act.
   */
  readonly hold: 'fresh' | 'earlier' | 'shared' | 'forbidden';
  readonly claim: Claim;
  readonly version: number;
}

export interface ClaimedLetter {
  readonly endpoint: string;
  readonly receipt: string;
}

export async function readClaim(cells: Cells, letter: ClaimedLetter): Promise<Cell<Claim>> {
  return cells.read<Claim>(nameOf(letter));
}

/** What this plan wants to record of a letter. */
export function claimOf(
  { actor }: Pick<Operation, 'actor'>,
  { planId }: Pick<Plan, 'planId'>,
  what: Pick<Claim, 'action' | 'messageId' | 'phase'> & Partial<Claim>,
): Claim {
  const who = { planId, by: actorText(actor), at: Date.now() };
  return { editedTo: null, payload: null, ...who, ...what };
}

/**
 * Takes the record, or finds whose it is. A retry or discard leaves the record of another retry or
 * discard as it is, and may act: the broker decides. Rejects with the store's error.
 */
export async function claimLetter(
  cells: Cells,
  letter: ClaimedLetter,
  wanted: Claim,
): Promise<Claimed> {
  let found: Cell<Claim> = { value: null, version: 0 };
  for (;;) {
    const { value: known, version: at } = found;
    if (known && known.phase !== 'open') {
      return { hold: holdOf(known, wanted), claim: known, version: at };
    }
    try {
      const version = await cells.write(nameOf(letter), at, wanted);
      return { hold: 'fresh', claim: wanted, version };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
    found = await readClaim(cells, letter);
  }
}

/** C1, C3. */
function holdOf(known: Claim, wanted: Claim): Claimed['hold'] {
  if (known.planId === wanted.planId) return 'earlier';
  if (known.phase !== 'begun' || wanted.action === 'dead.edit') return 'forbidden';
  return 'shared';
}

/** Writes what became of it; false when somebody else took the record over. */
export async function rewriteClaim(
  cells: Cells,
  letter: ClaimedLetter,
  version: number,
  claim: Claim,
): Promise<number | null> {
  try {
    return await cells.write(nameOf(letter), version, { ...claim, at: Date.now() });
  } catch (error) {
    if (error instanceof Conflict) return null;
    throw error;
  }
}

/** Writes that the letter was discarded, whoever had the record. */
export async function finishClaim(
  cells: Cells,
  letter: ClaimedLetter,
  claim: Claim,
): Promise<void> {
  const done: Claim = { ...claim, at: Date.now(), phase: 'done' };
  await cells.update<Claim>(nameOf(letter), (known) =>
    known?.phase === 'done' ? undefined : done,
  );
}

/**
 * Does `act`; when it certainly did nothing, edits are let near the letter again. Only who wrote the
 * record can tell: of another process of this plan it is not known what it is about to do.
 */
export async function actingOn<T>(
  cells: Cells,
  letter: ClaimedLetter,
  { hold, claim, version }: Claimed,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (hold === 'fresh' && asOncectlError(error).happened === 'no') {
      await rewriteClaim(cells, letter, version, { ...claim, phase: 'open' }).catch(() => null);
    }
    throw error;
  }
}

const words: Readonly<Record<DeadAction, string>> = {
  'dead.retry': 'retried it',
  'dead.discard': 'discarded it',
  'dead.edit': 'edited it',
};

/** "alice@host-1 retried it 2026-11-25T08:41:03.000Z". */
export function claimText({ by, action, at }: Claim): string {
  return `${by} ${words[action]} ${isoTime(at)}`;
}

/** A receipt is the broker's, of any length and any characters. */
function nameOf({ endpoint, receipt }: ClaimedLetter): string {
  return `dead/${endpoint}/${hash('sha256', receipt, 'hex').slice(0, 32)}`;
}
