/**
 * The ports: everything a protocol may rely on, and nothing more (design, section 2). No operation
 * spans two ports; the one exception is `Island`, for a backend in which queue and data share one
 * database.
 *
 * Rules every implementation keeps, each with a case in `test/conformance`:
 *  R1 everything is keyed by endpoint;
 *  R2 a version never repeats, and an entity is never physically deleted;
 *  R3 `has` and `get` answer from a snapshot begun after the call began;
 *  R4 durable before visible, to this and to every other process;
 *  R5 every rejection is an `OncectlError` that says whether the effect happened: `no` or `unknown`;
 *  R6 a payload put with unknown outcome is never repeated under the same id.
 */
import type { Delivery, Failure, Message } from './message.js';

/** At least once, no order. */
export interface Broker {
  /** Resolves when every message is durably queued. A rejection says nothing about single messages. */
  send(messages: readonly Message[], options?: SendOptions): Promise<void>;
  /** Up to `max` visible messages; waits up to `wait` ms for the first. Empty when none came. */
  receive(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]>;
  /** Removes the copy, if the receipt still holds it. A stale receipt is no error. */
  ack(endpoint: string, receipt: string): Promise<void>;
  /** Ends the lease early; the copy is visible again after `delay` ms. Keeps `failure` with it. */
  release(endpoint: string, receipt: string, options: ReleaseOptions): Promise<void>;
  /** Prolongs the lease to `visibility` ms from now; `null` when the receipt is stale. */
  extend(endpoint: string, receipt: string, visibility: number): Promise<Lease | null>;
  /** Moves the copy to the dead letters of its endpoint, with the reason. */
  deadLetter(endpoint: string, receipt: string, reason: Failure): Promise<void>;
  depth(endpoint: string): Promise<QueueDepth>;
  listDead(endpoint: string, after: string | null, limit: number): Promise<DeadLetter[]>;
  /** Puts a dead letter back into its queue under its own message id; false when it is gone. */
  redrive(endpoint: string, receipt: string): Promise<boolean>;
}

export interface SendOptions {
  /** Not visible before this many ms. */
  readonly delay?: number;
}

export interface ReceiveOptions {
  /** Length of the lease, ms. */
  readonly visibility: number;
  /** Longest wait for a first message, ms. */
  readonly wait: number;
  /** Name of the receiving worker, kept with the lease. */
  readonly worker: string;
  readonly signal?: AbortSignal;
}

export interface ReleaseOptions {
  readonly delay: number;
  readonly failure?: Failure;
}

export interface Lease {
  readonly receipt: string;
  readonly leaseEnd: number;
}

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly dead: number;
}

export interface DeadLetter {
  readonly message: Message;
  readonly receipt: string;
  readonly receives: number;
  readonly deadAt: number;
  readonly failures: readonly Failure[];
}

/** Entities with the entries (or slot) of the messages that changed them, written together. */
export interface BusinessStore {
  /** State, version, that message's entry, slot. May be stale; the condition of `commit` catches it. */
  load(endpoint: string, key: string, messageId: string): Promise<Entity>;
  /**
   * One atomic, durable write of state and entry together, conditional on the version (0 creates).
   * Resolves with the new version; rejects with `Conflict` when another version is there.
   */
  commit(endpoint: string, key: string, expected: number, change: Change): Promise<number>;
  /** Moves one entry on, conditional on that entry alone, whatever happened to the entity. */
  settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo): Promise<Settled>;
  /** Entries and slots not yet dispatched or removed, committed before `olderThan` (ms epoch). */
  listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): Promise<PendingEntry[]>;
}

/** What `load` found. A new entity has version 0 and state null. */
export interface Entity {
  readonly state: Uint8Array | null;
  readonly version: number;
  /** Last transaction that changed the state; null for a new entity. */
  readonly transaction: string | null;
  readonly entry: Entry | null;
  readonly slot: Slot | null;
  readonly registry: readonly Registration[];
}

export type EntryStep = 'committed' | 'checked' | 'dispatched';

/** The outbox entry of one message: what its commit promised to send. */
export interface Entry {
  readonly messageId: string;
  readonly key: string;
  readonly transaction: string;
  readonly step: EntryStep;
  /** Empty once dispatched: bodies are dropped, the id is kept. */
  readonly messages: readonly Message[];
  /** With tokens, once checked: message id -> payload id. */
  readonly payloads?: Readonly<Record<string, string>>;
  /** Payload of the incoming message, where it had one: the token that repair, too, must consume. */
  readonly token?: string;
  readonly worker: string;
  readonly committedAt: number;
  readonly dispatchedAt?: number;
}

/** The transaction slot of register-commit-publish: at most one unfinished transaction per entity. */
export interface Slot {
  readonly messageId: string;
  readonly transaction: string;
  readonly messages: readonly Message[];
  /** Outgoing message id -> payload id of the attempt that won. */
  readonly payloads: Readonly<Record<string, string>>;
  /** Payload of the incoming message: the token that publishing consumes. */
  readonly token: string | null;
  readonly worker: string;
  readonly committedAt: number;
}

/** An attempt that may have put payloads; until the slot is cleared its payloads can be told apart. */
export interface Registration {
  readonly attempt: string;
  readonly messageId: string;
  readonly payloads: readonly string[];
  readonly worker: string;
  readonly at: number;
}

/** A field that is left out stays as it is. */
export interface Change {
  readonly state?: Uint8Array | null;
  readonly transaction?: string;
  readonly entry?: Entry;
  readonly slot?: Slot | null;
  readonly registry?: readonly Registration[];
  /** Evidence for the audit, written in the same commit where the store allows it. */
  readonly record?: CommitRecord;
}

export type SettleFrom = EntryStep | 'any';
export type SettleTo =
  | { readonly step: 'checked'; readonly payloads: Readonly<Record<string, string>> }
  | { readonly step: 'dispatched'; readonly at: number }
  | { readonly step: 'removed' };
/** `missing`: no such entry. `moved`: it is there, but not at `from`. */
export type Settled = 'settled' | 'missing' | 'moved';

export interface PendingEntry {
  readonly endpoint: string;
  readonly key: string;
  readonly messageId: string;
  readonly step: 'committed' | 'checked' | 'slot';
  readonly worker: string;
  readonly committedAt: number;
  /** Pass it as `after` for the next page. */
  readonly cursor: string;
}

/** Evidence of one state change (design, section 4). Hashes are `hashOf` of the bytes, "" for none. */
export interface CommitRecord {
  readonly endpoint: string;
  readonly messageId: string;
  readonly key: string;
  readonly transaction: string;
  /** The entity's transaction before this one; null for its first. A chain without gap or fork. */
  readonly previous: string | null;
  /** The entity's version that this commit wrote. Rises along the chain, not always by one. */
  readonly version: number;
  readonly before: string;
  readonly after: string;
  readonly outgoing: readonly OutgoingRecord[];
}

export interface OutgoingRecord {
  readonly id: string;
  readonly endpoint: string;
  readonly hash: string;
}

export interface DedupeRecord {
  readonly by: string;
  readonly at: number;
  /** After this the record may be gone, ms since the epoch. */
  readonly expires: number;
}

export interface DedupeStore {
  has(endpoint: string, messageId: string): Promise<boolean>;
  add(endpoint: string, messageId: string, record: DedupeRecord): Promise<void>;
}

/** Who put a payload: what a sweeper needs to prove its attempt lost. */
export interface PayloadOrigin {
  /** Where it was put; "" for a payload that came with a message from outside. */
  readonly endpoint: string;
  /** Message at whose handling it was put; from outside: the message that it is the body of. */
  readonly messageId: string;
  /** `attemptOf` of the transaction; from outside: an id of its own. */
  readonly attempt: string;
}

/**
 * Names an attempt to put the payloads of a transaction. `own` tells apart the attempts of a transaction
 * that several may finish (an entry); null where each attempt is a transaction of its own (a slot).
 */
export function attemptOf(transaction: string, own: string | null): string {
  return own === null ? transaction : `${transaction}.${own}`;
}

/** The transaction whose payloads the attempt put. */
export function transactionOf(attempt: string): string {
  return attempt.split('.', 1)[0] ?? attempt;
}

/** Bodies; a body's presence is the token. */
export interface PayloadStore {
  /** Name that goes into the header of the messages that refer to this store. */
  readonly name: string;
  put(id: string, body: Uint8Array, origin: PayloadOrigin): Promise<void>;
  /** `null` only for the store's own "no such key". */
  get(id: string): Promise<Uint8Array | null>;
  delete(id: string): Promise<void>;
}

/** Queue and data in one database. `load` is the business store's, of the same database. */
export interface Island {
  /** Entry record (unique message id) and queue row in one transaction; a repeat is no error. */
  enter(messages: readonly Message[]): Promise<void>;
  /**
   * One transaction: take the copy off the queue, save the state conditional on its version, insert
   * the outgoing rows. `gone` when the receipt no longer holds the copy; rejects with `Conflict`.
   */
  transact(
    delivery: Delivery,
    expected: number,
    change: Change,
    outgoing: readonly Message[],
  ): Promise<'done' | 'gone'>;
}

/** One deployment's stores. `island` is there when broker and business share one database. */
export interface Ports {
  readonly broker: Broker;
  readonly business: BusinessStore;
  readonly dedupe: DedupeStore;
  readonly payload: PayloadStore;
  readonly island?: Island;
}
