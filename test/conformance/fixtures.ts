/** Messages, entries and odd strings for the cases, and the few assertions that they share. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Conflict, type ErrorKind, OncectlError } from '../../src/engine/errors.js';
import { IdSource } from '../../src/engine/ids.js';
import type { Delivery, Failure, Message } from '../../src/engine/message.js';
import type { Broker, Entity, Entry, Registration, Slot } from '../../src/engine/ports.js';

const ids = new IdSource();

/** 26 characters, rising, as the engine makes them. */
export function id(): string {
  return ids.next();
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(body: Uint8Array | null): string | null {
  return body === null ? null : new TextDecoder().decode(body);
}

/** Every byte value, in no friendly order, as long as asked. */
export function noise(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

export function message(endpoint: string, fields: Partial<Message> = {}): Message {
  return {
    id: id(),
    endpoint,
    type: 'OrderPlaced',
    key: 'order-1',
    body: bytes('body'),
    headers: {},
    ...fields,
  };
}

/** A message with every optional header filled in. */
export function fullMessage(endpoint: string): Message {
  return message(endpoint, {
    key: 'Bestellung Ä/1',
    body: noise(300),
    headers: {
      causedBy: id(),
      transaction: id(),
      payload: { id: id(), store: 'embedded' },
      intendedAt: Date.now() + 0.125,
      sentAt: Date.now() + 0.5,
    },
  });
}

export function entry(messageId: string, key: string, fields: Partial<Entry> = {}): Entry {
  return {
    messageId,
    key,
    transaction: id(),
    step: 'committed',
    messages: [],
    worker: 'worker-1',
    committedAt: Date.now(),
    ...fields,
  };
}

export function slot(messageId: string, fields: Partial<Slot> = {}): Slot {
  const outgoing = fullMessage('next');
  return {
    messageId,
    transaction: id(),
    messages: [outgoing],
    payloads: { [outgoing.id]: id() },
    token: id(),
    worker: 'worker-1',
    committedAt: Date.now(),
    ...fields,
  };
}

export function registration(messageId: string): Registration {
  return { attempt: id(), messageId, payloads: [id(), id()], worker: 'worker-1', at: Date.now() };
}

export function failure(error = 'it broke', fields: Partial<Failure> = {}): Failure {
  return { at: Date.now(), worker: 'worker-1', error, ...fields };
}

/** Keys that every store must keep, and keep apart. */
export const oddKeys: readonly string[] = [
  'a',
  'A',
  'a ',
  ' a',
  'a/b',
  'a//b',
  '../a',
  '.',
  'a%2Fb',
  'a%',
  'a\u0000b',
  'a\u0000',
  'a\nb\tc\r',
  `'; drop table entities; --`,
  '"a"',
  'a\\b',
  'a:b',
  'a,b',
  '*?[]{}',
  'é',
  'e\u0301',
  'ключ',
  '鍵',
  '🔑',
  '\uffff',
  'null',
  '0',
  '00',
];

/** Keys that end alike or begin alike: a store that cuts or folds them mixes them up. */
export const longKeys: readonly string[] = [200, 500, 1_000, 2_000, 5_000, 100_000].flatMap(
  (length) => [`${'k'.repeat(length)}1`, `${'k'.repeat(length)}2`],
);

/** Half a surrogate pair: UTF-8 cannot carry it, and replacing it makes two keys one. */
export const brokenKeys: readonly string[] = ['\ud800', '\ud801', ''];

/** The same value without fields that are there but undefined, and with plain byte arrays. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.sort().map(([name, field]) => [name, plain(field)]));
}

export function same(actual: unknown, expected: unknown, what?: string): void {
  assert.deepEqual(plain(actual), plain(expected), what);
}

/** Asks until the answer is accepted; fails with the last answer when patience ends. */
export async function eventually<T>(
  what: string,
  patience: number,
  ask: () => Promise<T>,
  accept: (answer: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (Date.now() > deadline) assert.fail(`${what}: not within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Fails when the promise neither resolves nor rejects in time. */
export async function settles<T>(what: string, patience: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new assert.AssertionError({ message: `${what}: not within ${patience} ms` });
    timer = setTimeout(() => reject(error), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The rejection of an operation; fails when it resolves or rejects with anything but our error. */
export async function refusal(operation: Promise<unknown>): Promise<OncectlError> {
  const outcome = await operation.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(outcome !== undefined, 'the operation resolved although it had to be refused');
  assert.ok(outcome instanceof OncectlError, `not an OncectlError: ${String(outcome)}`);
  assert.ok(outcome.happened === 'no' || outcome.happened === 'unknown');
  return outcome;
}

export async function conflicts(operation: Promise<unknown>): Promise<void> {
  const error = await refusal(operation);
  assert.ok(error instanceof Conflict, `not a conflict: ${error.message}`);
  assert.equal(error.kind, 'conflict');
  assert.equal(error.happened, 'no', 'a lost race certainly did not happen');
}

/** True when done, false when clearly refused; anything else fails. */
export async function doneOrRefused(operation: Promise<unknown>): Promise<boolean> {
  const error = await operation.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) return true;
  assert.ok(error instanceof OncectlError, `not an OncectlError: ${String(error)}`);
  const kinds: ErrorKind[] = ['invalid-message', 'too-large'];
  assert.ok(kinds.includes(error.kind), `refused as ${error.kind}: ${error.message}`);
  assert.equal(error.happened, 'no');
  return false;
}

export function newEntity(): Entity {
  return { state: null, version: 0, transaction: null, entry: null, slot: null, registry: [] };
}

export const longLease = 60_000;

/** Later than any commit: the last moment that a Date can name. */
export const always = 8_640_000_000_000_000;

/** Receives until one message came. */
export async function receiveOne(
  broker: Broker,
  endpoint: string,
  visibility = longLease,
  wait = 10_000,
): Promise<Delivery> {
  const [first, ...more] = await broker.receive(endpoint, 1, { visibility, wait, worker: 'w' });
  assert.ok(first !== undefined, `nothing was received within ${wait} ms`);
  assert.equal(more.length, 0, 'more than `max` were received');
  return first;
}

/** What is visible now; leases it for long. */
export function receiveNow(broker: Broker, endpoint: string, max = 10): Promise<Delivery[]> {
  return broker.receive(endpoint, max, { visibility: longLease, wait: 0, worker: 'w' });
}

/** Receives and acks until `count` different messages came; then nothing more may be there. */
export async function drain(broker: Broker, endpoint: string, count: number): Promise<Message[]> {
  const found = new Map<string, Message>();
  while (found.size < count) {
    const options = { visibility: longLease, wait: 5_000, worker: 'w' };
    const batch = await broker.receive(endpoint, 100, options);
    assert.ok(batch.length > 0, `${found.size} of ${count} messages came`);
    for (const delivery of batch) found.set(delivery.message.id, delivery.message);
    await Promise.all(batch.map((delivery) => broker.ack(endpoint, delivery.receipt)));
  }
  assert.equal(found.size, count);
  same(await receiveNow(broker, endpoint), [], 'nothing is left in the queue');
  return [...found.values()];
}
