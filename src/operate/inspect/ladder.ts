/**
 * The protocol's ladder for one message: all its numbered steps, done and to come, with what the records
 * say about when. A step that leaves no record has no time.
 */
import { idTime } from '../../engine/ids.js';
import { remainingSteps } from '../../engine/protocols/repair.js';
import { bridgeSteps, protocolSteps, type StepName } from '../../engine/protocols/steps.js';
import type { OperatedEndpoint } from '../operation.js';
import type { MessageFacts } from './facts.js';

export interface Rung {
  /** From 1. */
  readonly number: number;
  readonly step: StepName;
  /** `here`: what comes next. */
  readonly state: 'done' | 'here' | 'to come';
  /** Milliseconds since the epoch; null: not recorded, or not done. */
  readonly at: number | null;
  /** What the records say of it, in a few words; "" for nothing. */
  readonly note: string;
}

export interface Ladder {
  readonly rungs: readonly Rung[];
  /** The step that comes next; null when all are done. */
  readonly here: StepName | null;
}

/** All steps of the endpoint's program, by their names. */
export function stepsOf({ profile }: OperatedEndpoint): readonly StepName[] {
  return profile.bridge ? bridgeSteps[profile.bridge.by] : protocolSteps[profile.protocol];
}

/** Concluded from the facts alone; null for a message to the sink, which runs no protocol. */
export function ladderOf(facts: MessageFacts): Ladder | null {
  const { operated } = facts;
  if (!operated) return null;
  const steps = stepsOf(operated);
  const here = stepHere(facts, operated, steps);
  const at = here === null ? steps.length : steps.indexOf(here);
  const rungs = steps.map((step, index): Rung => {
    const state = index < at ? 'done' : index === at ? 'here' : 'to come';
    const isDone = state === 'done';
    return {
      ...{ number: index + 1, step, state },
      at: isDone ? timeOf(step, facts) : null,
      note: isDone ? noteOf(step, facts) : '',
    };
  });
  return { rungs, here };
}

function stepHere(
  facts: MessageFacts,
  { protocol }: OperatedEndpoint,
  steps: readonly StepName[],
): StepName | null {
  const { entry, slot, record, payload, copies } = facts;
  const isAlive = copies.some(({ state }) => state !== 'dead');
  const isGone = payload !== null && !payload.present;
  const acknowledging = isAlive && steps.includes('ack') ? 'ack' : null;
  if (slot) return isGone ? 'clear-slot' : next(steps, remainingSteps(protocol, 'slot'));
  if (entry && entry.step !== 'dispatched') {
    if (record) return 'remove-entry';
    if (isGone && entry.step === 'checked') return 'remove-entry';
    return next(steps, remainingSteps(protocol, entry.step));
  }
  if (entry) return acknowledging;
  if (record && protocol.recognisesBy === 'id') return acknowledging;
  if (isGone && protocol.recognisesBy === 'token') return acknowledging;
  if (facts.registrations.length > 0) return 'put-payloads';
  return copies.length > 0 ? (steps[0] ?? null) : null;
}

/** The first step that is both to come and of this ladder. */
function next(steps: readonly StepName[], remaining: readonly StepName[]): StepName | null {
  return steps.find((step) => remaining.includes(step)) ?? null;
}

function timeOf(step: StepName, { entry, slot, record, message }: MessageFacts): number | null {
  const committed = entry ?? slot;
  switch (step) {
    case 'handle':
      return committed ? idTime(committed.transaction) : null;
    case 'commit':
    case 'commit-slot':
      return committed?.committedAt ?? null;
    case 'mark-dispatched':
      return entry?.dispatchedAt ?? null;
    case 'add-record':
      return record?.at ?? null;
    case 'load':
      return committed ? null : (message?.headers.sentAt ?? null);
    default:
      return null;
  }
}

function noteOf(step: StepName, { entry, slot, record }: MessageFacts): string {
  const committed = entry ?? slot;
  if ((step === 'commit' || step === 'commit-slot') && committed) {
    const sends = committed.messages.length;
    const outgoing = entry?.step === 'dispatched' ? '' : `, ${sends} outgoing`;
    return `by ${committed.worker}, transaction ${committed.transaction}${outgoing} (durable)`;
  }
  if (step === 'add-record' && record) return `by ${record.by}`;
  return '';
}
