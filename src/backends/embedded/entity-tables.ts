/**
 * Entities, their entries and the commit records, in one environment, so that one transaction writes
 * them together. An entry is a record of its own: settling one never touches the entity, so a hot
 * entity does not thrash.
 *
 *  entities    endpoint/key         -> EntityRow (never removed; `version` counts every write)
 *  unfinished  endpoint/key         -> committedAt of the entity's slot, null without one: entities with
 *                                      a slot or registrations and no others (most have neither)
 *  entries     endpoint/message id  -> Entry that is not yet dispatched (`entry-row.ts`)
 *  dispatched  endpoint/message id  -> what is left of an outbox entry, until its retention is over
 *  journal     transaction          -> CommitRecord, until the audit's collector took it
 *
 * All functions run inside a write transaction, except those named `look…`.
 */
import type { Database } from 'lmdb';
import { Conflict } from '../../engine/errors.js';
import type {
  Change,
  CommitRecord,
  Entity,
  Entry,
  EntryStep,
  PendingEntry,
  Registration,
  Settled,
  SettleFrom,
  SettleTo,
  Slot,
} from '../../engine/ports.js';
import { checkedEntry, type EntryHead, packEntry, unpackEntry, unpackHead } from './entry-row.js';
import type { Env } from './env.js';
import { keyOf, pack, rangeOf, unpack, unpackMaybe } from './records.js';

export interface EntityRow {
  readonly version: number;
  readonly state: Uint8Array | null;
  readonly transaction: string | null;
  readonly slot: Slot | null;
  readonly registry: readonly Registration[];
}

export interface DispatchedRow {
  readonly key: string;
  readonly transaction: string;
  readonly by: string;
  readonly committedAt: number;
  readonly at: number;
}

/** A change whose records are packed: before the transaction, in which every writer waits. */
export interface PackedChange {
  readonly change: Change;
  readonly entry: PackedRow | null;
  readonly record: PackedRow | null;
}

interface PackedRow {
  readonly id: string;
  readonly bytes: Buffer;
}

export function packChange(change: Change): PackedChange {
  const { entry, record } = change;
  return {
    change,
    entry: entry ? { id: entry.messageId, bytes: packEntry(entry) } : null,
    record: record ? { id: record.transaction, bytes: pack(record) } : null,
  };
}

const newEntity: EntityRow = {
  version: 0,
  state: null,
  transaction: null,
  slot: null,
  registry: [],
};

export class EntityTables {
  readonly entities: Database<Buffer, string>;
  readonly unfinished: Database<Buffer, string>;
  readonly entries: Database<Buffer, string>;
  readonly dispatched: Database<Buffer, string>;
  readonly journal: Database<Buffer, string>;

  constructor(env: Env) {
    this.entities = env.table('entities');
    this.unfinished = env.table('unfinished');
    this.entries = env.table('entries');
    this.dispatched = env.table('dispatched');
    this.journal = env.table('journal');
  }

  lookEntity(endpoint: string, key: string, messageId: string): Entity {
    const row = this.#row(keyOf(endpoint, key));
    return { ...row, entry: this.lookEntry(endpoint, messageId) };
  }

  lookEntry(endpoint: string, messageId: string): Entry | null {
    const key = keyOf(endpoint, messageId);
    const pending = this.entries.get(key);
    if (pending) return unpackEntry(pending);
    const done = unpackMaybe<DispatchedRow>(this.dispatched.get(key));
    return done && dispatchedEntry(messageId, done);
  }

  /** The conditional write of state and entry together; throws `Conflict` before it wrote anything. */
  commit(endpoint: string, key: string, expected: number, packed: PackedChange): number {
    const { change, entry, record } = packed;
    const at = keyOf(endpoint, key);
    const row = this.#row(at);
    if (row.version !== expected) throw new Conflict(`${at} is at ${row.version}, not ${expected}`);
    const version = row.version + 1;
    const next = changed(row, version, change);
    this.entities.put(at, pack(next));
    if (isUnfinished(row) || isUnfinished(next)) this.#mark(at, next);
    if (entry) this.entries.put(keyOf(endpoint, entry.id), entry.bytes);
    if (record) this.journal.put(record.id, record.bytes);
    return version;
  }

  settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo): Settled {
    const key = keyOf(endpoint, messageId);
    const bytes = this.entries.get(key);
    if (!bytes) return this.#settleDispatched(key, from, to);
    const entry = unpackHead(bytes);
    if (from !== 'any' && entry.step !== from) return 'moved';
    if (to.step === 'checked') this.entries.put(key, checkedEntry(bytes, to.payloads));
    else this.entries.remove(key);
    if (to.step === 'dispatched') this.dispatched.put(key, pack(dispatchedRow(entry, to.at)));
    return 'settled';
  }

  lookPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): PendingEntry[] {
    const found: PendingEntry[] = [];
    const cursor = after ?? 'e/';
    if (cursor.startsWith('e/'))
      this.#pendingEntries(found, endpoint, olderThan, cursor.slice(2), limit);
    const slotCursor = cursor.startsWith('s/') ? cursor.slice(2) : '';
    if (found.length < limit) this.#pendingSlots(found, endpoint, olderThan, slotCursor, limit);
    return found;
  }

  #pendingEntries(
    found: PendingEntry[],
    endpoint: string,
    olderThan: number,
    after: string,
    limit: number,
  ): void {
    const { start, end } = rangeOf(endpoint);
    const from = after === '' ? start : keyOf(endpoint, after);
    for (const { value } of this.entries.getRange({ start: from, exclusiveStart: true, end })) {
      const entry = unpackHead(value);
      if (entry.committedAt >= olderThan) continue;
      found.push(pendingEntry(endpoint, entry));
      if (found.length >= limit) return;
    }
  }

  #pendingSlots(
    found: PendingEntry[],
    endpoint: string,
    olderThan: number,
    after: string,
    limit: number,
  ): void {
    const { start, end } = rangeOf(endpoint);
    const exclusiveStart = after !== '';
    const from = exclusiveStart ? keyOf(endpoint, after) : start;
    for (const at of this.unfinished.getKeys({ start: from, exclusiveStart, end })) {
      const { slot } = this.#row(at);
      if (!slot || slot.committedAt >= olderThan) continue;
      found.push(pendingSlot(endpoint, at.slice(endpoint.length + 1), slot));
      if (found.length >= limit) return;
    }
  }

  /** A pending entry that is there; null when it is not. */
  lookPendingEntry(endpoint: string, messageId: string): PendingEntry | null {
    const bytes = this.entries.get(keyOf(endpoint, messageId));
    return bytes ? pendingEntry(endpoint, unpackHead(bytes)) : null;
  }

  /** The taken slot of an entity; null when it has none. */
  lookPendingSlot(endpoint: string, key: string): PendingEntry | null {
    const { slot } = this.#row(keyOf(endpoint, key));
    return slot && pendingSlot(endpoint, key, slot);
  }

  /** Oldest commit records, with their keys. */
  lookJournal(limit: number): Array<[string, CommitRecord]> {
    return [...this.journal.getRange({ limit })].map(({ key, value }) => [
      key,
      unpack<CommitRecord>(value),
    ]);
  }

  /** What was dispatched can be removed, or dated anew; it never goes back. */
  #settleDispatched(key: string, from: SettleFrom, to: SettleTo): Settled {
    const row = unpackMaybe<DispatchedRow>(this.dispatched.get(key));
    if (!row) return 'missing';
    if ((from !== 'any' && from !== 'dispatched') || to.step === 'checked') return 'moved';
    if (to.step === 'removed') this.dispatched.remove(key);
    else this.dispatched.put(key, pack({ ...row, at: to.at }));
    return 'settled';
  }

  #mark(at: string, row: EntityRow): void {
    if (isUnfinished(row)) this.unfinished.put(at, pack(row.slot?.committedAt ?? null));
    else this.unfinished.remove(at);
  }

  #row(at: string): EntityRow {
    return unpackMaybe<EntityRow>(this.entities.get(at)) ?? newEntity;
  }
}

function changed(row: EntityRow, version: number, change: Change): EntityRow {
  return {
    version,
    state: change.state === undefined ? row.state : change.state,
    transaction: change.transaction ?? row.transaction,
    slot: change.slot === undefined ? row.slot : change.slot,
    registry: change.registry ?? row.registry,
  };
}

/** What is left of an entry, as one. */
export function dispatchedEntry(messageId: string, row: DispatchedRow): Entry {
  const { by: worker, at: dispatchedAt, ...rest } = row;
  return { messageId, ...rest, worker, dispatchedAt, step: 'dispatched', messages: [] };
}

function isUnfinished({ slot, registry }: EntityRow): boolean {
  return slot !== null || registry.length > 0;
}

function dispatchedRow(entry: EntryHead, at: number): DispatchedRow {
  const { key, transaction, worker: by, committedAt } = entry;
  return { key, transaction, by, committedAt, at };
}

function pendingEntry(endpoint: string, entry: EntryHead): PendingEntry {
  return {
    ...pendingFields(endpoint, entry),
    step: entry.step as Exclude<EntryStep, 'dispatched'>,
    key: entry.key,
    cursor: `e/${entry.messageId}`,
  };
}

function pendingSlot(endpoint: string, key: string, slot: Slot): PendingEntry {
  return { ...pendingFields(endpoint, slot), step: 'slot', key, cursor: `s/${key}` };
}

function pendingFields(endpoint: string, entry: EntryHead | Slot) {
  const { messageId, worker, committedAt } = entry;
  return { endpoint, messageId, worker, committedAt };
}
