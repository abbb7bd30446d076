/**
 * Queues in one environment. A copy lies in `queue` under `endpoint/visibleAt/copy`, with a `+` behind
 * it while it is leased: what is visible is one range, what is leased or delayed lies after it, and a
 * receipt is the key itself, which is gone once the copy was leased again, released or acknowledged.
 *
 * All functions run inside a write transaction of the environment, except those named `look…`.
 */
import type { Database } from 'lmdb';
import { IdSource, idTime } from '../../engine/ids.js';
import type { Delivery, Failure, Message } from '../../engine/message.js';
import type { DeadLetter, Lease, QueueDepth } from '../../engine/ports.js';
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { Env } from './env.js';
import { joinParts, keyOf, msText, pack, rangeOf, unpack, unpackFirst } from './records.js';

/** A message and its bytes: packed once, before the transaction, in which every writer waits. */
export interface PackedMessage {
  readonly message: Message;
  readonly bytes: Buffer;
}

export function packMessage(message: Message): PackedMessage {
  return { message, bytes: pack(message) };
}

/** What changes about a copy; lies before the message: `[QueueState, Message]`. */
interface QueueState {
  readonly receives: number;
  /** Worker that holds the lease; null when nobody does. */
  readonly holder: string | null;
  readonly failures: readonly Failure[];
  readonly deadAt?: number;
}

/** A copy as it lies: its state, and its message's bytes, which nothing repacks. */
interface QueueRow {
  readonly state: QueueState;
  readonly bytes: Buffer;
}

function unpackRow(value: Buffer): QueueRow {
  const { first: state, rest: bytes } = unpackFirst<QueueState>(value);
  return { state, bytes };
}

const untouched: QueueState = { receives: 0, holder: null, failures: [] };

const leased = '+';
/** Longest key part behind the endpoint: 13 digits, two slashes, 26 characters, the lease mark. */
const beyondAnyTime = '9'.repeat(14);

export class QueueTables {
  readonly #queue: Database<Buffer, string>;
  readonly #dead: Database<Buffer, string>;
  /** Copies are told apart by ids of ours that never restart, over crashes and processes. */
  readonly #copies = new IdSource();

  constructor(env: Env) {
    this.#queue = env.table('queue');
    this.#dead = env.table('dead');
  }

  put({ message, bytes }: PackedMessage, visibleAt: number): void {
    this.#write(message.endpoint, visibleAt, this.#copies.next(), untouched, bytes, '');
  }

  /** Queues the message and leases it in the same breath: one write instead of three. */
  putLeased({ message, bytes }: PackedMessage, leaseEnd: number, worker: string): Delivery {
    const state: QueueState = { receives: 1, holder: worker, failures: [] };
    const copy = this.#copies.next();
    const receipt = this.#write(message.endpoint, leaseEnd, copy, state, bytes, leased);
    return { message, receipt, receives: 1, leaseEnd, failures: [] };
  }

  lookVisible(endpoint: string, now: number): boolean {
    const end = keyOf(endpoint, `${msText(now + 1)}`);
    for (const _ of this.#queue.getKeys({ start: keyOf(endpoint, ''), end, limit: 1 })) return true;
    return false;
  }

  lease(endpoint: string, max: number, now: number, leaseEnd: number, worker: string): Delivery[] {
    const end = keyOf(endpoint, msText(now + 1));
    const found = [...this.#queue.getRange({ start: keyOf(endpoint, ''), end, limit: max })];
    return found.map(({ key, value }) => {
      const { state: old, bytes } = unpackRow(value);
      const state = { ...old, receives: old.receives + 1, holder: worker };
      this.#queue.remove(key);
      const receipt = this.#write(endpoint, leaseEnd, copyOf(key), state, bytes, leased);
      const { receives, failures } = state;
      const message = unpack<Message>(bytes);
      return { message, receipt, receives, leaseEnd, failures };
    });
  }

  holds(endpoint: string, receipt: string): boolean {
    return isOf(endpoint, receipt) && this.#queue.doesExist(receipt);
  }

  /** Removing what is not there does nothing: a stale receipt is no error. */
  ack(endpoint: string, receipt: string): void {
    if (isOf(endpoint, receipt)) this.#queue.remove(receipt);
  }

  release(
    endpoint: string,
    receipt: string,
    visibleAt: number,
    failure: Failure | undefined,
  ): void {
    const old = this.#take(endpoint, receipt);
    if (!old) return;
    const failures = failure ? [...old.state.failures, failure] : old.state.failures;
    const state = { ...old.state, holder: null, failures };
    this.#write(endpoint, visibleAt, copyOf(receipt), state, old.bytes, '');
  }

  extend(endpoint: string, receipt: string, leaseEnd: number): Lease | null {
    const old = this.#take(endpoint, receipt);
    if (!old) return null;
    const copy = copyOf(receipt);
    return {
      receipt: this.#write(endpoint, leaseEnd, copy, old.state, old.bytes, leased),
      leaseEnd,
    };
  }

  bury(endpoint: string, receipt: string, reason: Failure): void {
    const old = this.#take(endpoint, receipt);
    if (!old) return;
    const failures = [...old.state.failures, reason];
    const state: QueueState = { ...old.state, holder: null, failures, deadAt: Date.now() };
    this.#dead.put(keyOf(endpoint, copyOf(receipt)), joinParts(pack(state), old.bytes));
  }

  redrive(endpoint: string, receipt: string, now: number): boolean {
    const buried = this.#dead.get(receipt);
    if (!buried || !isOf(endpoint, receipt)) return false;
    const { state: old, bytes } = unpackRow(buried);
    const { deadAt: _, ...state } = old;
    this.#dead.remove(receipt);
    this.#write(endpoint, now, this.#copies.next(), { ...state, receives: 0 }, bytes, '');
    return true;
  }

  /** Removes a dead letter; false when it is gone. */
  discard(endpoint: string, receipt: string): boolean {
    if (!isOf(endpoint, receipt) || !this.#dead.doesExist(receipt)) return false;
    this.#dead.remove(receipt);
    return true;
  }

  /**
   * Since when the oldest copy waits that is neither dead nor delayed: what is visible since it became
   * so, what is in flight since it was queued. Null when there is none.
   */
  lookOldest(endpoint: string, now: number): number | null {
    const border = keyOf(endpoint, msText(now + 1));
    const times: number[] = [];
    for (const key of this.#queue.getKeys({ start: keyOf(endpoint, ''), end: border, limit: 1 })) {
      times.push(timeOf(key));
    }
    for (const key of this.#queue.getKeys({ start: border, end: keyOf(endpoint, beyondAnyTime) })) {
      if (key.endsWith(leased)) times.push(idTime(copyOf(key)));
    }
    return times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time));
  }

  lookDead(endpoint: string, after: string | null, limit: number): DeadLetter[] {
    const { start, end } = rangeOf(endpoint);
    const range = { start: after ?? start, exclusiveStart: after !== null, end, limit };
    return [...this.#dead.getRange(range)].map(({ key, value }) => {
      const [{ receives, failures, deadAt }, message] = unpack<[QueueState, Message]>(value);
      return { message, receipt: key, receives, failures, deadAt: deadAt ?? 0 };
    });
  }

  lookDepth(endpoint: string, now: number): QueueDepth {
    const border = keyOf(endpoint, msText(now + 1));
    const visible = this.#queue.getKeysCount({ start: keyOf(endpoint, ''), end: border });
    let inFlight = 0;
    let delayed = 0;
    for (const key of this.#queue.getKeys({ start: border, end: keyOf(endpoint, beyondAnyTime) })) {
      if (key.endsWith(leased)) inFlight++;
      else delayed++;
    }
    return { visible, inFlight, delayed, dead: this.#dead.getKeysCount(rangeOf(endpoint)) };
  }

  /** A page of every queued or dead message, for the audit: read in short transactions. */
  lookPage(
    where: 'queued' | 'dead',
    after: string | null,
    limit: number,
  ): Array<[string, Message]> {
    const table = where === 'dead' ? this.#dead : this.#queue;
    const range = after === null ? { limit } : { start: after, exclusiveStart: true, limit };
    return [...table.getRange(range)].map(({ key, value }) => [
      key,
      unpack<[QueueState, Message]>(value)[1],
    ]);
  }

  #take(endpoint: string, receipt: string): QueueRow | null {
    if (!isOf(endpoint, receipt)) return null;
    const bytes = this.#queue.get(receipt);
    if (!bytes) return null;
    this.#queue.remove(receipt);
    return unpackRow(bytes);
  }

  #write(
    endpoint: string,
    at: number,
    copy: string,
    state: QueueState,
    message: Buffer,
    mark: string,
  ): string {
    const key = keyOf(endpoint, `${msText(at)}/${copy}${mark}`);
    this.#queue.put(key, joinParts(pack(state), message));
    return key;
  }
}

/** A row of `queue` or `dead` as an operator sees it: its state lies in its key and its time. */
export function queuedCopy(key: string, value: Buffer, now: number): QueuedCopy {
  const [{ receives, holder, failures, deadAt }, message] = unpack<[QueueState, Message]>(value);
  const copy = { message, receives, failures, receipt: key };
  if (deadAt !== undefined) return { ...copy, state: 'dead', at: deadAt, holder: null };
  const at = timeOf(key);
  if (at <= now) return { ...copy, state: 'visible', at, holder: null };
  if (key.endsWith(leased)) return { ...copy, state: 'in-flight', at, holder };
  return { ...copy, state: 'delayed', at, holder: null };
}

/** The time in the key of a queued copy: it is visible from then on. */
function timeOf(key: string): number {
  const end = key.length - (key.endsWith(leased) ? 28 : 27);
  return Number(key.slice(key.lastIndexOf('/', end - 1) + 1, end));
}

/** A receipt counts for the endpoint that it was given for, and for no other. */
function isOf(endpoint: string, receipt: string): boolean {
  return receipt.startsWith(keyOf(endpoint, ''));
}

/** The copy's id: the last 26 characters, without the lease mark. */
function copyOf(key: string): string {
  const end = key.endsWith(leased) ? key.length - 1 : key.length;
  return key.slice(end - 26, end);
}
