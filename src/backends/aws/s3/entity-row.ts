/**
 * An entity with its entries, slot and registry: one object, so that one conditional write changes them
 * together. Two things move:
 *  E1 `version` counts commits and never repeats. It is what callers know; settling leaves it alone.
 *  E2 `writes` names the last writes of the object, newest first, a new name each. No content ever comes
 *     again, so an ETag, which is a hash of it, never does; and a writer that got no answer finds out
 *     from them whether its write took place.
 */
import type {
  Change,
  Entry,
  Registration,
  Settled,
  SettleFrom,
  SettleTo,
  Slot,
} from '../../../engine/ports.js';

export interface EntityRow {
  readonly endpoint: string;
  readonly key: string;
  readonly version: number;
  readonly writes: readonly string[];
  readonly state: Uint8Array | null;
  readonly transaction: string | null;
  readonly slot: Placed<Slot> | null;
  readonly registry: readonly Registration[];
  readonly entries: readonly Placed<Entry>[];
  /** The last commit that left a record. */
  readonly recorded: RecordPointer | null;
}

/** An entity as it stood in the bucket. `etag` is null while there is no object. */
export interface Snapshot {
  readonly row: EntityRow;
  readonly etag: string | null;
}

/** An entry or a slot, and the version that its commit wrote: part of the name of its marker. */
export interface Placed<T> {
  readonly at: number;
  readonly of: T;
}

/** Where a staged commit record lies, among those of its entity. */
export interface RecordPointer {
  readonly version: number;
  readonly transaction: string;
}

/** A write that this many others followed at once cannot find itself any more. */
const writesKept = 32;

export function newRow(endpoint: string, key: string): EntityRow {
  return {
    endpoint,
    key,
    version: 0,
    writes: [],
    state: null,
    transaction: null,
    slot: null,
    registry: [],
    entries: [],
    recorded: null,
  };
}

/** The row as the write of that name leaves it. */
export function writtenAs(row: EntityRow, write: string): EntityRow {
  return { ...row, writes: [write, ...row.writes.slice(0, writesKept - 1)] };
}

/**
 * Whether a write on top of `base` is among those that led to `now`; `null` when so many followed that
 * nobody can tell.
 */
export function tookPlace(write: string, base: EntityRow, now: EntityRow): boolean | null {
  if (now.writes.includes(write)) return true;
  const [before] = base.writes;
  const knowsAllSince =
    before === undefined ? now.writes.length < writesKept : now.writes.includes(before);
  return knowsAllSince ? false : null;
}

export function entryOf(row: EntityRow, messageId: string): Placed<Entry> | null {
  return row.entries.find(({ of }) => of.messageId === messageId) ?? null;
}

/** The row after a commit on its version. */
export function committed(row: EntityRow, change: Change, record: boolean): EntityRow {
  const version = row.version + 1;
  const { state, slot, registry, entry } = change;
  return {
    ...row,
    version,
    state: state === undefined ? row.state : state,
    transaction: change.transaction ?? row.transaction,
    slot: slot === undefined ? row.slot : slot && { at: version, of: slot },
    registry: registry ?? row.registry,
    entries: entry ? withEntry(row, { at: version, of: entry }) : row.entries,
    recorded:
      change.record && record ? { version, transaction: change.record.transaction } : row.recorded,
  };
}

/** The row after settling; `null` with the reason when the entry is not there, or not at `from`. */
export function settled(
  row: EntityRow,
  messageId: string,
  from: SettleFrom,
  to: SettleTo,
): { readonly row: EntityRow | null; readonly outcome: Settled } {
  const found = entryOf(row, messageId);
  if (!found) return { row: null, outcome: 'missing' };
  const { step } = found.of;
  if (from !== 'any' && step !== from) return { row: null, outcome: 'moved' };
  // What was dispatched can be removed, or dated anew; it never goes back.
  if (step === 'dispatched' && to.step === 'checked') return { row: null, outcome: 'moved' };
  const entries = row.entries.filter((one) => one !== found);
  if (to.step === 'removed') return { row: { ...row, entries }, outcome: 'settled' };
  const moved = { at: found.at, of: movedTo(found.of, to) };
  return { row: { ...row, entries: [...entries, moved] }, outcome: 'settled' };
}

function withEntry(row: EntityRow, placed: Placed<Entry>): readonly Placed<Entry>[] {
  const others = row.entries.filter(({ of }) => of.messageId !== placed.of.messageId);
  return [...others, placed];
}

function movedTo(entry: Entry, to: Exclude<SettleTo, { step: 'removed' }>): Entry {
  if (to.step === 'dispatched') {
    return { ...entry, step: 'dispatched', messages: [], dispatchedAt: to.at };
  }
  // Bodies are dropped: from here on the payload store has them.
  const messages = entry.messages.map((message) => ({ ...message, body: noBody }));
  return { ...entry, step: 'checked', messages, payloads: to.payloads };
}

const noBody = new Uint8Array(0);
