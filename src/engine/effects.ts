/**
 * The effects: one kind per atomic step. A protocol is a generator that yields them; whoever runs it
 * performs each and feeds the result back. Two drivers exist: the endpoint runtime
 * (`runtime/interpreter.ts`, real stores) and the verifier (simulated stores).
 *
 * P1 An effect touches one port, in one atomic operation; `transact` is the exception with a name.
 * P2 A program holds no clock, no chance, no I/O: ids and times are minted by whoever performs.
 * P3 A lost race never reaches the program: the driver starts it again at step 1.
 */
import type { Message } from './message.js';
import type { Entity, Entry, Registration, Slot } from './ports.js';

/** What handling a message came to, in memory: nothing of it is durable yet. */
export interface Outcome {
  /** Minted by this attempt; names its commit. */
  readonly transaction: string;
  /** `undefined`: the handler left the state as it was. */
  readonly state: Uint8Array | null | undefined;
  readonly messages: readonly Message[];
}

/** What `register` wrote: the attempt and the payload ids it may put. */
export interface Registered {
  readonly registry: readonly Registration[];
  readonly version: number;
  readonly payloads: Readonly<Record<string, string>>;
}

/** For each kind of effect: what the program asks, and what it gets. */
export interface Effects {
  load: { ask: object; get: Entity };
  reload: { ask: object; get: Entity };
  'has-record': { ask: object; get: boolean };
  'get-payload': { ask: object; get: Uint8Array | null };
  handle: { ask: { entity: Entity; body: Uint8Array | null }; get: Outcome };
  save: { ask: { entity: Entity; outcome: Outcome }; get: undefined };
  transact: { ask: { entity: Entity; outcome: Outcome }; get: 'done' | 'gone' };
  commit: { ask: { entity: Entity; outcome: Outcome }; get: Entry };
  register: { ask: { entity: Entity; outcome: Outcome }; get: Registered };
  'commit-slot': {
    ask: { entity: Entity; outcome: Outcome; registered: Registered };
    get: Entity;
  };
  'put-payloads': {
    ask: { messages: readonly Message[]; payloads: Readonly<Record<string, string>> | null };
    get: Readonly<Record<string, string>>;
  };
  'mark-checked': { ask: { entry: Entry; payloads: Readonly<Record<string, string>> }; get: Entry };
  dispatch: {
    ask: {
      messages: readonly Message[];
      /** With tokens: message id -> payload id; bodies stay behind. */
      payloads: Readonly<Record<string, string>> | null;
    };
    get: undefined;
  };
  /** Into an island: entry records and queue rows in one transaction; what is there stays as it is. */
  enter: { ask: { messages: readonly Message[] }; get: undefined };
  'mark-dispatched': { ask: { from: 'committed' | 'checked' }; get: undefined };
  'add-record': { ask: object; get: undefined };
  /** `null`: the payload of the message at hand. */
  'delete-payload': { ask: { id: string | null }; get: undefined };
  'delete-losers': { ask: { entity: Entity; slot: Slot }; get: undefined };
  /** By key, whether or not an entry was seen; `checked` spares one that is not. */
  'remove-entry': { ask: { from: 'any' | 'checked' }; get: undefined };
  'clear-slot': { ask: { entity: Entity }; get: undefined };
  'report-lost': { ask: object; get: undefined };
  ack: { ask: object; get: undefined };
}

export type EffectKind = keyof Effects;

export type Effect = {
  [K in EffectKind]: { readonly kind: K; readonly message: Message } & Readonly<Effects[K]['ask']>;
}[EffectKind];

export type EffectOf<K extends EffectKind> = Extract<Effect, { kind: K }>;

/** One protocol at work on one message: yields effects, is fed their results, returns nothing. */
export type Program = Generator<Effect, void, unknown>;

/** The one place where a result is taken at its word: a driver returns what `Effects` says. */
function* perform<K extends EffectKind>(
  effect: EffectOf<K>,
): Generator<Effect, Effects[K]['get'], unknown> {
  return (yield effect as Effect) as Effects[K]['get'];
}

type Step<K extends EffectKind> = Generator<Effect, Effects[K]['get'], unknown>;

/** The steps, as programs write them: `yield* load(message)`. */
export const load = (message: Message): Step<'load'> => perform({ kind: 'load', message });
export const reload = (message: Message): Step<'reload'> => perform({ kind: 'reload', message });
export const hasRecord = (message: Message): Step<'has-record'> =>
  perform({ kind: 'has-record', message });
export const getPayload = (message: Message): Step<'get-payload'> =>
  perform({ kind: 'get-payload', message });
export const handle = (
  message: Message,
  entity: Entity,
  body: Uint8Array | null = null,
): Step<'handle'> => perform({ kind: 'handle', message, entity, body });
export const save = (message: Message, entity: Entity, outcome: Outcome): Step<'save'> =>
  perform({ kind: 'save', message, entity, outcome });
export const transact = (message: Message, entity: Entity, outcome: Outcome): Step<'transact'> =>
  perform({ kind: 'transact', message, entity, outcome });
export const commit = (message: Message, entity: Entity, outcome: Outcome): Step<'commit'> =>
  perform({ kind: 'commit', message, entity, outcome });
export const register = (message: Message, entity: Entity, outcome: Outcome): Step<'register'> =>
  perform({ kind: 'register', message, entity, outcome });
export const commitSlot = (
  message: Message,
  entity: Entity,
  outcome: Outcome,
  registered: Registered,
): Step<'commit-slot'> => perform({ kind: 'commit-slot', message, entity, outcome, registered });
export const putPayloads = (
  message: Message,
  messages: readonly Message[],
  payloads: Readonly<Record<string, string>> | null = null,
): Step<'put-payloads'> => perform({ kind: 'put-payloads', message, messages, payloads });
export const markChecked = (
  message: Message,
  entry: Entry,
  payloads: Readonly<Record<string, string>>,
): Step<'mark-checked'> => perform({ kind: 'mark-checked', message, entry, payloads });
export const dispatch = (
  message: Message,
  messages: readonly Message[],
  payloads: Readonly<Record<string, string>> | null = null,
): Step<'dispatch'> => perform({ kind: 'dispatch', message, messages, payloads });
export const enter = (message: Message, messages: readonly Message[]): Step<'enter'> =>
  perform({ kind: 'enter', message, messages });
export const markDispatched = (
  message: Message,
  from: 'committed' | 'checked' = 'committed',
): Step<'mark-dispatched'> => perform({ kind: 'mark-dispatched', message, from });
export const addRecord = (message: Message): Step<'add-record'> =>
  perform({ kind: 'add-record', message });
export const deletePayload = (message: Message, id: string | null = null): Step<'delete-payload'> =>
  perform({ kind: 'delete-payload', message, id });
export const deleteLosers = (message: Message, entity: Entity, slot: Slot): Step<'delete-losers'> =>
  perform({ kind: 'delete-losers', message, entity, slot });
export const removeEntry = (
  message: Message,
  from: 'any' | 'checked' = 'any',
): Step<'remove-entry'> => perform({ kind: 'remove-entry', message, from });
export const clearSlot = (message: Message, entity: Entity): Step<'clear-slot'> =>
  perform({ kind: 'clear-slot', message, entity });
export const reportLost = (message: Message): Step<'report-lost'> =>
  perform({ kind: 'report-lost', message });
export const ack = (message: Message): Step<'ack'> => perform({ kind: 'ack', message });
