/** Runs a protocol's program by hand: each effect is answered from a table, nothing is performed. */
import type { Effect, EffectKind, EffectOf, Effects, Outcome } from '../../src/engine/effects.js';
import type { Message } from '../../src/engine/message.js';
import type { Entity, Entry, Slot } from '../../src/engine/ports.js';
import { deliver, type Protocol, protocols } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { bytes, entry, id, message, newEntity, slot } from '../conformance/fixtures.js';

/** The answer to a kind of effect; of a list, the first answer that was not given yet. */
export type Answers = {
  readonly [K in EffectKind]?: Effects[K]['get'] | ((effect: EffectOf<K>) => Effects[K]['get']);
};

export interface Driven {
  readonly kinds: readonly EffectKind[];
  readonly effects: readonly Effect[];
}

/** Protocols whose messages bring a token. */
const withToken: readonly ProtocolName[] = ['token', 'register-commit-publish'];

export const payloadId = id();
export const outgoing: readonly Message[] = [message('next'), message('after-next')];
export const outcome: Outcome = { transaction: id(), state: bytes('{}'), messages: outgoing };

/** What arrives at an endpoint of this protocol. */
export function incomingFor(protocol: ProtocolName): Message {
  if (!withToken.includes(protocol)) return message('orders');
  const headers = { payload: { id: payloadId, store: 'embedded' } };
  return message('orders', { body: new Uint8Array(0), headers });
}

export function entityWith(fields: Partial<Entity> = {}): Entity {
  return { ...newEntity(), version: 3, ...fields };
}

/** An entry that a commit of `outcome` for this message leaves, at a step. */
export function entryAt(step: Entry['step'], of: Message): Entry {
  const checked = step === 'checked' ? { payloads: payloadsOf(outgoing) } : {};
  const messages = step === 'dispatched' ? [] : outgoing;
  return entry(of.id, of.key, { ...checked, step, messages, transaction: outcome.transaction });
}

export function slotOf(of: Message): Slot {
  return slot(of.id, { messages: outgoing, payloads: payloadsOf(outgoing), token: payloadId });
}

export function payloadsOf(messages: readonly Message[]): Record<string, string> {
  return Object.fromEntries(messages.map((one) => [one.id, `payload of ${one.id}`]));
}

/** All goes well, and nobody was here before. */
function usual(message: Message): Answers {
  return {
    load: entityWith(),
    reload: entityWith(),
    'has-record': false,
    'get-payload': bytes('{}'),
    handle: outcome,
    transact: 'done',
    commit: entryAt('committed', message),
    register: { registry: [], version: 4, payloads: payloadsOf(outgoing) },
    'commit-slot': entityWith({ version: 5, slot: slotOf(message) }),
    'put-payloads': ({ messages, payloads }) => payloads ?? payloadsOf(messages),
    'mark-checked': entryAt('checked', message),
  };
}

/** The whole delivery of `message`, its acknowledgement included. */
export function drive(name: ProtocolName, message: Message, answers: Answers = {}): Driven {
  return driveProtocol(protocols[name], message, answers);
}

/** The same for a program that has no protocol's name: a bridge. */
export function driveProtocol(protocol: Protocol, message: Message, answers: Answers = {}): Driven {
  const table: Answers = { ...usual(message), ...answers };
  const program = deliver(protocol, message);
  const effects: Effect[] = [];
  for (let next = program.next(); !next.done; ) {
    effects.push(next.value);
    if (effects.length > 100) throw new Error('the program does not end');
    next = program.next(answerTo(next.value, table));
  }
  return { effects, kinds: effects.map(({ kind }) => kind) };
}

function answerTo(effect: Effect, table: Answers): unknown {
  const answer = table[effect.kind] as unknown;
  return typeof answer === 'function' ? (answer as (one: Effect) => unknown)(effect) : answer;
}

/** The one effect of a kind; fails when there is none or more than one. */
export function only<K extends EffectKind>({ effects }: Driven, kind: K): EffectOf<K> {
  const found = effects.filter((effect) => effect.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} effects are ${kind}`);
  return found[0] as EffectOf<K>;
}

/** Answers in turn: the first call gets the first. */
export function inTurn<T>(...answers: readonly T[]): () => T {
  let next = 0;
  return () => {
    const answer = answers[next++];
    if (answer === undefined) throw new Error('asked more often than expected');
    return answer;
  };
}
