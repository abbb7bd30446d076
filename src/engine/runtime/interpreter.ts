/**
 * Performs the effects of a protocol on real stores: one function per kind, one table. The verifier
 * has a table of its own; the programs are the same.
 */
import { preciseNow } from '../clock.js';
import type { Effect, EffectKind, EffectOf, Effects, Outcome } from '../effects.js';
import { Conflict, OncectlError } from '../errors.js';
import { hashOf } from '../evidence.js';
import { type EndpointDefinition, runHandler, type SendLimits } from '../handler.js';
import type { IdSource } from '../ids.js';
import type { Delivery, Message } from '../message.js';
import {
  attemptOf,
  type Change,
  type CommitRecord,
  type Entity,
  type Entry,
  type Island,
  type Ports,
  type Registration,
  type Slot,
} from '../ports.js';

/** What outgoing messages go through: behind a bridge, the stores of another island. */
export type Onward = Pick<Ports, 'broker' | 'payload' | 'island'>;

/** What one delivery is performed with. */
export interface Performer {
  readonly worker: string;
  readonly ports: Ports;
  readonly onward: Onward;
  readonly definition: EndpointDefinition;
  readonly limits: SendLimits;
  readonly ids: IdSource;
  readonly retentionMs: number;
  /** Write a commit record with each commit. */
  readonly audit: boolean;
  readonly delivery: Delivery;
  /** The receipt now: extension changes it. Waits for an extension under way. */
  readonly receipt: () => Promise<string>;
  /** The commit is durable. */
  readonly onCommitted: (outgoing: readonly Message[]) => void;
  readonly onBody: (body: Uint8Array | null) => void;
  readonly onLostPayload: () => void;
}

type Perform = {
  readonly [K in EffectKind]: (effect: EffectOf<K>, by: Performer) => Promise<Effects[K]['get']>;
};

/** Performs one effect; rejects with `Conflict` when its condition did not hold. */
export function perform(effect: Effect, by: Performer): Promise<unknown> {
  const run = table[effect.kind] as (effect: Effect, by: Performer) => Promise<unknown>;
  return run(effect, by);
}

const table: Perform = {
  load: ({ message }, by) => by.ports.business.load(message.endpoint, message.key, message.id),
  reload: ({ message }, by) => by.ports.business.load(message.endpoint, message.key, message.id),
  'has-record': ({ message }, by) => by.ports.dedupe.has(message.endpoint, message.id),
  'get-payload': async ({ message }, by) => {
    const body = await by.ports.payload.get(tokenOf(message, by).id);
    by.onBody(body);
    return body;
  },
  handle: ({ message, entity, body }, by) => handleMessage(message, entity, body, by),
  save: async ({ message, entity, outcome }, by) => {
    await writeCommit(message, entity, outcome, changeOf(message, entity, outcome, by), by);
    return undefined;
  },
  transact: transactMessage,
  commit: async ({ message, entity, outcome }, by) => {
    const entry: Entry = {
      messageId: message.id,
      key: message.key,
      transaction: outcome.transaction,
      step: 'committed',
      messages: outcome.messages,
      ...(message.headers.payload ? { token: message.headers.payload.id } : {}),
      worker: by.worker,
      committedAt: Date.now(),
    };
    const change = { ...changeOf(message, entity, outcome, by), entry };
    await writeCommit(message, entity, outcome, change, by);
    return entry;
  },
  register: registerAttempt,
  'commit-slot': commitToSlot,
  'put-payloads': putAll,
  'mark-checked': async ({ message, entry, payloads }, by) => {
    const to = { step: 'checked', payloads } as const;
    const settled = await by.ports.business.settle(message.endpoint, message.id, 'committed', to);
    if (settled !== 'settled')
      throw new Conflict(`entry ${message.id} was checked by another copy`);
    return { ...entry, step: 'checked', payloads };
  },
  dispatch: async ({ messages, payloads }, by) => {
    if (messages.length === 0) return undefined;
    const sentAt = preciseNow();
    const { broker, payload } = by.onward;
    await broker.send(messages.map((one) => stamped(one, payloads, payload.name, sentAt)));
    return undefined;
  },
  enter: async ({ messages }, by) => {
    const sentAt = preciseNow();
    await islandOf(by.onward).enter(messages.map((one) => stamped(one, null, '', sentAt)));
    return undefined;
  },
  'mark-dispatched': async ({ message, from }, by) => {
    const to = { step: 'dispatched', at: Date.now() } as const;
    await by.ports.business.settle(message.endpoint, message.id, from, to);
    return undefined;
  },
  'add-record': async ({ message }, by) => {
    const at = Date.now();
    const record = { by: by.worker, at, expires: at + by.retentionMs };
    await by.ports.dedupe.add(message.endpoint, message.id, record);
    return undefined;
  },
  'delete-payload': async ({ message, id }, by) => {
    await by.ports.payload.delete(id ?? tokenOf(message, by).id);
    return undefined;
  },
  'delete-losers': async ({ entity, slot }, by) => {
    await Promise.all(loserPayloads(entity, slot).map((id) => by.ports.payload.delete(id)));
    return undefined;
  },
  'remove-entry': async ({ message, from }, by) => {
    const to = { step: 'removed' } as const;
    const settled = await by.ports.business.settle(message.endpoint, message.id, from, to);
    if (settled === 'moved') throw new Conflict(`entry ${message.id} is not ${from}`);
    return undefined;
  },
  'clear-slot': async ({ message, entity }, by) => {
    const change: Change = { slot: null, registry: [] };
    await by.ports.business.commit(message.endpoint, message.key, entity.version, change);
    return undefined;
  },
  'report-lost': async (_effect, by) => {
    by.onLostPayload();
    return undefined;
  },
  ack: async ({ message }, by) => {
    await by.ports.broker.ack(message.endpoint, await by.receipt());
    return undefined;
  },
};

async function handleMessage(
  message: Message,
  entity: Entity,
  given: Uint8Array | null,
  by: Performer,
): Promise<Outcome> {
  const body = given ?? (await bodyOf(message, by));
  const transaction = by.ids.next();
  const mint = { transaction, messageId: () => by.ids.next() };
  const handled = await runHandler(by.definition, by.limits, message, body, entity.state, mint);
  return { transaction, ...handled };
}

/** The body for a consumer that recognises by id: in the message, or fetched from where it says. */
async function bodyOf(message: Message, by: Performer): Promise<Uint8Array> {
  if (!message.headers.payload) return message.body;
  const body = await by.ports.payload.get(tokenOf(message, by).id);
  by.onBody(body);
  if (body !== null) return body;
  throw new OncectlError('invalid-message', 'the body is not in the payload store', {
    about: `message ${message.id}`,
  });
}

function tokenOf(message: Message, by: Performer): { readonly id: string } {
  const reference = message.headers.payload;
  if (reference && reference.store === by.ports.payload.name) return reference;
  const what = reference
    ? `its payload is in the store "${reference.store}"`
    : 'it names no payload';
  throw new OncectlError(
    'invalid-message',
    `${what}; this endpoint uses "${by.ports.payload.name}"`,
    {
      about: `message ${message.id}`,
      hint: 'the sender must put the payload first (token protocols), in the same payload store',
    },
  );
}

function changeOf(message: Message, entity: Entity, outcome: Outcome, by: Performer): Change {
  return {
    ...(outcome.state === undefined ? {} : { state: outcome.state }),
    transaction: outcome.transaction,
    ...(by.audit ? { record: recordOf(message, entity, outcome, entity.version + 1) } : {}),
  };
}

function recordOf(
  message: Message,
  entity: Entity,
  outcome: Outcome,
  version: number,
): CommitRecord {
  const before = hashOf(entity.state);
  return {
    endpoint: message.endpoint,
    messageId: message.id,
    key: message.key,
    transaction: outcome.transaction,
    previous: entity.transaction,
    version,
    before,
    after: outcome.state === undefined ? before : hashOf(outcome.state),
    outgoing: outcome.messages.map(({ id, endpoint, body }) => ({
      id,
      endpoint,
      hash: hashOf(body),
    })),
  };
}

async function writeCommit(
  message: Message,
  entity: Entity,
  outcome: Outcome,
  change: Change,
  by: Performer,
): Promise<void> {
  await by.ports.business.commit(message.endpoint, message.key, entity.version, change);
  by.onCommitted(outcome.messages);
}

async function transactMessage(
  { message, entity, outcome }: EffectOf<'transact'>,
  by: Performer,
): Promise<'done' | 'gone'> {
  const island = islandOf(by.ports);
  const change = changeOf(message, entity, outcome, by);
  const sentAt = preciseNow();
  const messages = outcome.messages.map((one) => stamped(one, null, '', sentAt));
  const delivery = { ...by.delivery, receipt: await by.receipt() };
  const result = await island.transact(delivery, entity.version, change, messages);
  if (result === 'done') by.onCommitted(outcome.messages);
  return result;
}

function islandOf({ island }: Onward): Island {
  if (!island) throw new OncectlError('profile', 'queue and data are not one database');
  return island;
}

async function registerAttempt({ message, entity, outcome }: EffectOf<'register'>, by: Performer) {
  const payloads = Object.fromEntries(outcome.messages.map(({ id }) => [id, by.ids.next()]));
  const mine: Registration = {
    attempt: outcome.transaction,
    messageId: message.id,
    payloads: Object.values(payloads),
    worker: by.worker,
    at: Date.now(),
  };
  const registry = [...entity.registry, mine];
  const { endpoint, key } = message;
  const version = await by.ports.business.commit(endpoint, key, entity.version, { registry });
  return { version, payloads, registry };
}

async function commitToSlot(
  { message, entity, outcome, registered }: EffectOf<'commit-slot'>,
  by: Performer,
): Promise<Entity> {
  const slot: Slot = {
    messageId: message.id,
    transaction: outcome.transaction,
    messages: outcome.messages.map((one) => ({ ...one, body: new Uint8Array(0) })),
    payloads: registered.payloads,
    token: tokenOf(message, by).id,
    worker: by.worker,
    committedAt: Date.now(),
  };
  const { version, registry } = registered;
  const record = recordOf(message, entity, outcome, version + 1);
  const change: Change = {
    ...(outcome.state === undefined ? {} : { state: outcome.state }),
    transaction: outcome.transaction,
    slot,
    ...(by.audit ? { record } : {}),
  };
  await by.ports.business.commit(message.endpoint, message.key, version, change);
  by.onCommitted(outcome.messages);
  return { ...entity, version: version + 1, slot, registry };
}

async function putAll({ message, messages, payloads }: EffectOf<'put-payloads'>, by: Performer) {
  const ids = payloads ?? Object.fromEntries(messages.map(({ id }) => [id, by.ids.next()]));
  const own = by.ids.next();
  const transaction = messages[0]?.headers.transaction;
  const origin = {
    endpoint: message.endpoint,
    messageId: message.id,
    // Registered payloads are of one attempt, which is the transaction that registered them.
    attempt: transaction === undefined ? own : attemptOf(transaction, payloads ? null : own),
  };
  await Promise.all(
    messages.map(({ id, body }) => by.onward.payload.put(ids[id] ?? '', body, origin)),
  );
  return ids;
}

function stamped(
  message: Message,
  payloads: Readonly<Record<string, string>> | null,
  store: string,
  sentAt: number,
): Message {
  const id = payloads?.[message.id];
  if (id === undefined) return { ...message, headers: { ...message.headers, sentAt } };
  const headers = { ...message.headers, sentAt, payload: { id, store } };
  return { ...message, body: new Uint8Array(0), headers };
}

function loserPayloads(entity: Entity, slot: Slot): string[] {
  const won = new Set(Object.values(slot.payloads));
  return entity.registry.flatMap(({ payloads }) => payloads.filter((id) => !won.has(id)));
}
