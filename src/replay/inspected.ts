/** A message that was inspected, as a schedule of the verifier: the case at hand becomes a test. */
import { OncectlError } from '../engine/errors.js';
import type { StepName } from '../engine/protocols/steps.js';
import type { Inspected } from '../operate/inspect/inspect.js';
import { type Standing, scheduleTo, type TraceFile } from '../verify/index.js';

/**
 * The schedule that leads one message to where this one stands, and on to its end: redelivered where a
 * copy is left, a dead letter retried, repaired where nothing else moves it. It has to hold.
 *
 * Whether a worker died, failed or lost its lease leaves the same behind: the schedule says that it
 * crashed.
 *
 * @throws OncectlError `refused` for what cannot be said: a message to the sink or at a bridge, a
 *   protocol that promises nothing, a queue that was not searched, a message that is lost
 */
export function traceOfInspected(inspected: Inspected): TraceFile {
  const standing = standingOf(inspected);
  return scheduleTo(standing, textOf(inspected, standing));
}

function standingOf({ facts, ladder }: Inspected): Standing {
  const { operated, copies, entry, slot, registrations, endpoint } = facts;
  if (!operated || !ladder) refuse('it is for the sink, which runs no protocol');
  const { name: protocol } = operated.protocol;
  if (protocol === 'bridge') refuse('a trace has no bridges');
  if (protocol === 'none') refuse('none promises nothing that could hold');
  const isBlind = facts.coverage.some((one) => one.endpoint === endpoint);
  if (copies.length === 0 && isBlind) {
    refuse('whether a copy of it is left is not known', '--peek receives what is queued');
  }
  const hasCopy = copies.length > 0;
  const isPending = slot !== null || (entry !== null && entry.step !== 'dispatched');
  const isAlive = copies.some(({ state }) => state !== 'dead');
  if (!hasCopy && !isPending && ladder.here !== null) {
    refuse('no copy of it is left, and it was never committed: it is lost');
  }
  const doneUpTo = lastDone({ facts, ladder });
  return {
    ...{ protocol, doneUpTo, hasCopy, isRepaired: isPending && !isAlive },
    receives: copies.reduce((sum, one) => sum + one.receives, 0),
    registered: earlierAttempts(registrations, slot, doneUpTo),
  };
}

/** A dead letter that was handled has all steps done but its ack. */
function lastDone({ facts, ladder }: Pick<Inspected, 'facts' | 'ladder'>): StepName | null {
  const steps = ladder?.rungs.map(({ step }) => step) ?? [];
  const next = ladder?.here ?? (facts.copies.length > 0 ? 'ack' : null);
  const at = next === null ? steps.length : steps.indexOf(next);
  return steps[at - 1] ?? null;
}

/** The attempt that took the slot, or the last one where none did, is not among them. */
function earlierAttempts(
  registrations: Inspected['facts']['registrations'],
  slot: Inspected['facts']['slot'],
  doneUpTo: StepName | null,
): number {
  if (slot) return registrations.filter(({ attempt }) => attempt !== slot.transaction).length;
  return doneUpTo === 'register' ? registrations.length - 1 : 0;
}

function textOf({ facts, ladder }: Inspected, { receives, hasCopy, isRepaired }: Standing): string {
  const { messageId, endpoint } = facts;
  const rung = ladder?.rungs.find(({ state }) => state === 'here');
  const where = rung ? `stopped at step ${rung.number} (${rung.step})` : 'was handled';
  const times = receives > 0 ? `, received ${receives} ${receives === 1 ? 'time' : 'times'}` : '';
  const left = hasCopy ? 'its dead letter does not come by itself' : 'no copy of it was left';
  const on = isRepaired
    ? `; ${left}, a repair brings it to its end`
    : hasCopy
      ? '; when it comes again, a worker brings it to its end'
      : '';
  return `${messageId} at ${endpoint} ${where}${times}${on}`;
}

function refuse(why: string, hint = 'inspect it without --as-trace'): never {
  throw new OncectlError('refused', `this message makes no trace: ${why}`, {
    about: '--as-trace',
    hint,
  });
}
