/**
 * What the simulated stores hold, and the tables that make numbers of it. Bodies and states are texts
 * that travel where the engine has bytes: programs hand them on and never look inside.
 */
import type { Message } from '../engine/message.js';
import type { Entry, Registration, Slot } from '../engine/ports.js';
import { Interner } from './interner.js';

export interface EntityContent {
  readonly version: number;
  readonly state: string;
  readonly transaction: string | null;
  readonly entries: Readonly<Record<string, Entry>>;
  readonly slot: Slot | null;
  readonly registry: readonly Registration[];
}

/** A set in order, so that equal sets are equal texts. */
export type Ids = readonly string[];

/** Payloads by id, in the order of their ids; what a deviating store may answer besides, in `old`. */
export interface PayloadContent {
  readonly bodies: Readonly<Record<string, string>>;
  /** Stale answers still possible: a body of before, or null for an absence of before. */
  readonly old: Readonly<Record<string, string | null>>;
  /** Payloads that were forgotten because nothing names them (`forget`), counted up to `mostOrphans`. */
  readonly orphans: number;
}

export interface RecordContent {
  readonly ids: Ids;
  /** Ids that a read found absent and may find absent again. */
  readonly hidden: Ids;
}

/** What has taken place: the evidence that the invariants judge. */
export interface History {
  /** By `endpoint/message id`. */
  readonly commits: Readonly<Record<string, Committed>>;
  /** Messages at the sink: id -> payload ids (or `inline`), in order. */
  readonly arrived: Readonly<Record<string, Ids>>;
  /** Messages that the sink has taken for the first time. */
  readonly applied: Ids;
  /** Payloads named by messages to other endpoints under test. */
  readonly named: Ids;
}

export interface Committed {
  readonly transaction: string;
  /** Message id -> body. */
  readonly outgoing: Readonly<Record<string, string>>;
}

export const emptyEntity: EntityContent = {
  version: 0,
  state: '',
  transaction: null,
  entries: {},
  slot: null,
  registry: [],
};

/** More of them are as good as these. */
const mostOrphans = 2;

/** `ids` are named by nothing else in the world: nobody will ever read them, nor delete them. */
export function forget({ bodies, old, orphans }: PayloadContent, ids: Ids): PayloadContent {
  const forgotten = ids.filter((id) => id in bodies).length;
  return {
    bodies: without(bodies, ...ids),
    old: without(old, ...ids),
    orphans: Math.min(orphans + forgotten, mostOrphans),
  };
}

export class Values {
  readonly entities = new Interner<EntityContent>((content) => ({
    ...content,
    entries: sorted(content.entries),
  }));
  readonly records = new Interner<RecordContent>(({ ids, hidden }) => ({
    ids: ids.toSorted(),
    hidden: hidden.toSorted(),
  }));
  readonly payloads = new Interner<PayloadContent>(
    ({ bodies, old, orphans }) => ({ bodies: sorted(bodies), old: sorted(old), orphans }),
    ({ bodies, old }) => [byBody(bodies), old],
  );
  readonly histories = new Interner<History>(
    ({ commits, arrived, applied, named }) => ({
      commits: sorted(commits),
      arrived: sorted(mapped(arrived, (ids) => ids.toSorted())),
      applied: applied.toSorted(),
      named: named.toSorted(),
    }),
    ({ commits }) => commits,
  );
  readonly messages = new Interner<Message>();
}

export function sorted<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The ids, in the order of their bodies. */
function byBody(bodies: Readonly<Record<string, string>>): Ids {
  const all = Object.entries(bodies).sort(([, a], [, b]) => (a < b ? -1 : Number(a > b)));
  return all.map(([id]) => id);
}

function mapped<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

export function withId(ids: Ids, id: string): Ids {
  return ids.includes(id) ? ids : [...ids, id].sort();
}

export function without<T>(
  record: Readonly<Record<string, T>>,
  ...keys: readonly string[]
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** The engine's bytes, which here are a text. */
export const asBytes = (text: string): Uint8Array => text as unknown as Uint8Array;
export const asText = (bytes: Uint8Array | null | undefined): string =>
  (bytes ?? '') as unknown as string;
