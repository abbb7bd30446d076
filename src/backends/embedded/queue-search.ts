/**
 * Searching the queues for messages by their ids. No key tells an id, so a search reads every copy of
 * the endpoints; the id is compared where it lies, and only what matches is unpacked.
 */
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { Env } from './env.js';
import { queuedCopy } from './queue-tables.js';
import { rangeOf } from './records.js';
import { copyOf, type Look, Scan } from './scan.js';
import { fieldAt, fieldName, liesAt, skip, textAt } from './skim.js';

const id = fieldName('id');

/** Keeps the rows whose message id begins with the prefix. */
export function idBeginsWith(prefix: string): Look<Buffer> {
  const wanted = Buffer.from(prefix);
  return (bytes, size) => {
    const { start, end } = idOf(bytes);
    const isLong = end - start >= wanted.length;
    return isLong && liesAt(bytes, start, wanted) ? copyOf(bytes, size) : undefined;
  };
}

/** Keeps the rows whose message id is one of these. */
export function idIsOneOf(ids: ReadonlySet<string>): Look<Buffer> {
  const tails = new Set<number>();
  for (const one of ids) {
    const bytes = Buffer.from(one);
    tails.add(tailOf(bytes, 0, bytes.length));
  }
  return (bytes, size) => {
    const { start, end } = idOf(bytes);
    if (!tails.has(tailOf(bytes, start, end))) return undefined;
    const text = Buffer.from(bytes.subarray(start, end)).toString();
    return ids.has(text) ? copyOf(bytes, size) : undefined;
  };
}

/** Where the message's id lies in a copy, `[QueueState, Message]`. */
function idOf(bytes: Uint8Array): { readonly start: number; readonly end: number } {
  return textAt(bytes, fieldAt(bytes, skip(bytes, 1), id));
}

/** The last four bytes as a number: ids of one moment differ at their end. */
function tailOf(bytes: Uint8Array, start: number, end: number): number {
  let tail = 0;
  for (let at = Math.max(start, end - 4); at < end; at++) tail = tail * 256 + (bytes[at] ?? 0);
  return tail;
}

export class QueueSearch {
  readonly #queue: Scan;
  readonly #dead: Scan;

  constructor(env: Env) {
    this.#queue = new Scan(env, 'queue');
    this.#dead = new Scan(env, 'dead');
  }

  /** Copies of these endpoints that `look` keeps, dead letters too; at most `limit`. */
  look(
    endpoints: readonly string[],
    look: Look<Buffer>,
    limit: number,
    now: number,
  ): readonly QueuedCopy[] {
    const found: QueuedCopy[] = [];
    if (limit <= 0) return found;
    for (const endpoint of endpoints) {
      for (const scan of [this.#queue, this.#dead]) {
        if (found.length >= limit) return found;
        scan.each(rangeOf(endpoint), look, (key, value) => {
          found.push(queuedCopy(key, value, now));
          return found.length < limit;
        });
      }
    }
    return found;
  }
}
