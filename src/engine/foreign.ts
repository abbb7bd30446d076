/**
 * Outboxes that other libraries wrote. oncectl lists and shows them; it dispatches only those whose rows
 * it can send as they are meant, and leaves the others to the library that knows their envelope.
 *
 *  O1 Listing and showing change nothing and take no lock.
 *  O2 A message's id follows from the outbox's name and the row's id alone: whoever sends the row, and
 *     however often, sends the same message.
 *  O3 A row is taken by one at a time, also where the library's own dispatcher takes rows by locking
 *     them; what is taken and not marked is free again when its taker ends, however it ends.
 */
import { createHash } from 'node:crypto';
import { digits } from './ids.js';

export const foreignKinds = [
  'nservicebus',
  'masstransit',
  'pg-transactional-outbox',
  'table',
] as const;

export type ForeignKind = (typeof foreignKinds)[number];

export interface ForeignQuery {
  /** Only rows created before, ms since the epoch. A row that has no time of creation matches always. */
  readonly olderThan: number;
  /** Cursor of the last row of the page before; null for the first. */
  readonly after: string | null;
  readonly limit: number;
}

/** What one transaction of the library's user left to be sent. */
export interface ForeignRow {
  /** As the library has it; what `show` and `take` want. */
  readonly id: string;
  /** Milliseconds since the epoch; null where the library keeps no time of creation. */
  readonly createdAt: number | null;
  /** How many messages it holds. */
  readonly messages: number;
  /** Type of its first message, in the library's words; null where it has none. */
  readonly about: string | null;
  /** What the message is about: the entity. null where the library has no such thing. */
  readonly key: string | null;
  /** Attempts to dispatch it (of a consumer's outbox: to receive its message), where they are counted. */
  readonly attempts: number | null;
  /** Why it is no ordinary row: given up, held back until then. null: nothing to say. */
  readonly note: string | null;
  /** Changes when what would be sent changes. null where oncectl does not send it. */
  readonly digest: string | null;
  /** Pass it as `after` for the next page. */
  readonly cursor: string;
}

/** A message as it lies in the row. */
export interface ForeignMessage {
  /** The library's id of it; null where it has none. */
  readonly id: string | null;
  readonly type: string | null;
  /** Where it is to go, as the library wrote it; null where the row does not say. */
  readonly destination: string | null;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ForeignRowDetail extends Omit<ForeignRow, 'cursor' | 'messages'> {
  readonly messages: readonly ForeignMessage[];
}

/** What is to be sent of a row; its receiver is the profile's choice. */
export interface ForeignSend {
  /** 26 characters, the same for every repetition (O2). */
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly body: Uint8Array;
}

/** A row that nobody else can take until it is marked or let go. */
export interface TakenRow {
  readonly digest: string;
  readonly sends: readonly ForeignSend[];
  /**
   * Marks it as its library marks what it has dispatched, and ends the hold. Rejects with the server's
   * error; with `happened: 'unknown'` the row may be marked or not, and may be taken again.
   */
  mark(): Promise<void>;
  /** Ends the hold and leaves the row as it was; rejects never. After `mark` it does nothing. */
  release(): Promise<void>;
}

/**
 * `dispatched`: somebody has done it. `missing`: no such row. `held`: somebody else is at it. `moved`: it
 * is no longer what was observed.
 */
export type Take =
  | { readonly state: 'taken'; readonly row: TakenRow }
  | { readonly state: 'dispatched' | 'missing' | 'held' | 'moved' };

export interface ForeignDispatch {
  /** `observed`: the digest that was planned for; null: whatever is there now. */
  take(id: string, observed: string | null): Promise<Take>;
}

/**
 * One outbox. Nothing is connected before the first call. Rejections: `unreachable`, `denied`,
 * `not-found` (no such database), `format` (the tables are not as the library writes them), `timeout`.
 */
export interface ForeignOutbox {
  /** Of the profile; part of the ids that its messages get (O2). */
  readonly name: string;
  readonly kind: ForeignKind;
  /** The table that is looked at, with its schema. */
  readonly table: string;
  /** How its library finishes what is left in it: a sentence, and where that is written. */
  readonly finishing: { readonly how: string; readonly source: string };
  /** The oldest first; rows without a time of creation last, by id. */
  list(query: ForeignQuery): Promise<readonly ForeignRow[]>;
  /** How many rows `list` would list. */
  count(olderThan: number): Promise<number>;
  /** The row, also when it is dispatched; null when it is not there. */
  show(id: string): Promise<ForeignRowDetail | null>;
  /** null: only its library may dispatch it. */
  readonly dispatch: ForeignDispatch | null;
  /** Ends its connections. Twice is no error. */
  close(): Promise<void>;
}

const idLength = 26;

/** The id of the message in a row, in the alphabet of our ids (O2). 130 bits of a SHA-256. */
export function foreignMessageId(outbox: string, row: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([outbox, row]))
    .digest();
  let bits = BigInt(`0x${hash.toString('hex')}`);
  let id = '';
  for (let length = 0; length < idLength; length++) {
    id += digits.charAt(Number(bits % 32n));
    bits /= 32n;
  }
  return id;
}
