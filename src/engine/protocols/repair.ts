/**
 * Repair: the protocol's own program, from step 1, on an entry or slot that somebody left behind; with
 * no copy of the message, no lease, no business logic and no ack (design, section 12). To the stores it
 * is one more copy of the message, delivered to a worker that gives up where it would handle, and the
 * protocols are right with any number of those: beside live workers, beside other repairs, killed at
 * any step, begun on an entry that is gone by now. `oncectl verify PROTOCOL --repairs N` explores that.
 *
 *  F1 What is read decides, under the same conditions as in a delivery; the entry that was listed only
 *     says where to look. Stale reads, an entry that is gone, a step that another took: as for a copy.
 *  F2 Nothing is promised anew. Behind `handle` lie all the steps that write what no entry, slot or
 *     record asks for; repair ends before it. A stale load that hides the entry therefore costs a run
 *     that does nothing, and the next one finds the entry. So does a record that has expired: a copy
 *     may then be applied again, a repair cannot apply it.
 *  F3 Of the message it needs endpoint, id and key, and the token where the protocol consumes one. No
 *     step before `handle` reads the type or the body; entry and slot keep the token.
 *  F4 A lost race starts the program again (P3), and the next `load` tells whether anything is left.
 *
 * What a delivery does around its program stays with the delivery. A consumer by id whose message came
 * with a body in a payload store deletes that body right before the ack: as long as the body is there,
 * so is a copy, queued or dead, and its ack will take it along. Repair can neither ack nor know of it.
 *
 * `report-lost` may be yielded by a repair that read the entry before, and the token after, another one
 * finished it. It says the truth only where the run then passes `mark-checked` without a lost race.
 */
import type { Effect, EffectKind, Program } from '../effects.js';
import type { Message } from '../message.js';
import type { Entity, Entry, PendingEntry, Slot } from '../ports.js';
import type { Protocol } from './protocol.js';
import { isRead, type StepName } from './steps.js';

/** What an entry or slot says about the message that it is of: all that repair knows. */
export interface RepairedEntry {
  readonly endpoint: string;
  readonly key: string;
  readonly messageId: string;
  /** The entry's or slot's `token`; null: the message had none. */
  readonly token: string | null;
}

/**
 * The message that repair runs on. `store` is the name of the payload store that the endpoint uses. It
 * must not be handed to a handler or sent: type and body are not the message's.
 */
export function repairedMessage(
  { endpoint, key, messageId, token }: RepairedEntry,
  store: string,
): Message {
  const headers = token === null ? {} : { payload: { id: token, store } };
  return { id: messageId, endpoint, type: '', key, body: new Uint8Array(0), headers };
}

/**
 * Finishes what an entry or slot of this message promises, and does nothing where there is none. Run it
 * as a delivery is run, again from step 1 after a lost race or an unknown outcome; it may be left at
 * any step, and run any number of times at once. Yields neither `handle` nor anything behind it, nor
 * `ack`. With a message that names no token, where the protocol asks for one, its driver rejects with
 * `invalid-message` at `get-payload`, and nothing has been written.
 */
export function* repairing(protocol: Protocol, message: Message): Program {
  const program = protocol.program(message);
  let next = program.next();
  while (!next.done && next.value.kind !== 'handle') next = program.next(yield next.value);
}

/**
 * The steps of the protocol's ladder that are still to come for an entry at this step, in order: what
 * repair writes, its reads left out. Read off the program itself. What leaves a trace elsewhere (a dedupe
 * record, a token that is gone) the entry does not tell; a repair that finds it takes fewer steps, the
 * last of these. Empty where the protocol leaves nothing behind at such a step. `ack` is not among them:
 * only a copy has one.
 */
export function remainingSteps(
  protocol: Protocol,
  from: PendingEntry['step'],
): readonly StepName[] {
  const steps: StepName[] = [];
  const program = repairing(protocol, repairedMessage({ ...nobody, token: 'token' }, 'payloads'));
  for (let next = program.next(); !next.done; ) {
    const { kind } = next.value;
    if (!isRead(kind)) steps.push(kind);
    next = program.next(foreseen(next.value, from));
  }
  return steps;
}

const nobody = { endpoint: 'endpoint', key: 'key', messageId: 'message' };

/** What the stores answer where the message is at `from`, and nobody else is at work. */
function foreseen(effect: Effect, from: PendingEntry['step']): unknown {
  if (effect.kind === 'mark-checked') return entryAt('checked');
  const reads: Partial<Record<EffectKind, unknown>> = {
    load: entityAt(from),
    reload: entityAt(from),
    'has-record': false,
    'get-payload': new Uint8Array(0),
    'put-payloads': {},
  };
  return reads[effect.kind];
}

function entityAt(from: PendingEntry['step']): Entity {
  const entry = from === 'slot' ? null : entryAt(from);
  const empty = { state: null, version: 1, transaction: 'transaction', registry: [] };
  return { ...empty, entry, slot: from === 'slot' ? slot : null };
}

const written = { transaction: 'transaction', messages: [], worker: '', committedAt: 0 };

function entryAt(step: Entry['step']): Entry {
  return { ...written, messageId: nobody.messageId, key: nobody.key, step, token: 'token' };
}

const slot: Slot = { ...written, messageId: nobody.messageId, payloads: {}, token: 'token' };
