/**
 * The oldest pending entries, and how many there are: by the time of their commit, in which no key is
 * ordered. Entries lie in the order of message ids, and an entry is committed after its message was
 * made. So a walk in that order may leave out the ids that were made after the bound it looks for:
 * those between the first such id and what could be made by now. An id that begins like one of ours
 * of that time is taken for one.
 */
import { encode } from '../../engine/ids.js';
import type { Env } from './env.js';
import { Oldest } from './oldest.js';
import { keyOf, rangeOf } from './records.js';
import { type Look, Scan } from './scan.js';
import { fieldAt, fieldName, numberAt } from './skim.js';

/** How far the clocks of two machines may be apart. */
const skewMs = 5 * 60_000;

/** An id of ours begins with its time, in so many digits (`src/engine/ids.ts`). */
const timeDigits = 10;

const committedAt = fieldName('committedAt');

/** When the entry was committed; the head is the first part of its row. */
const timeOfEntry: Look<number> = (bytes) => numberAt(bytes, fieldAt(bytes, 1, committedAt));
/** When the slot was committed; NaN where an entity has registrations alone. */
const timeOfMark: Look<number> = (bytes) => numberAt(bytes, 0);

/** A pending entry, or the slot of an entity, by the rest of its key. */
export interface PendingRow {
  readonly in: 'entries' | 'slots';
  readonly id: string;
}

export class PendingSearch {
  readonly #entries: Scan;
  readonly #unfinished: Scan;

  constructor(env: Env) {
    this.#entries = new Scan(env, 'entries');
    this.#unfinished = new Scan(env, 'unfinished');
  }

  /** The oldest of those committed before `olderThan`, at most `limit`. */
  lookOldest(endpoint: string, olderThan: number, limit: number): readonly PendingRow[] {
    const oldest = new Oldest<PendingRow>(limit);
    const bound = () => Math.min(olderThan, oldest.bound);
    this.#entryTimes(endpoint, bound, (time, id) => {
      if (time < bound()) oldest.add(time, { in: 'entries', id });
      return true;
    });
    this.#slotTimes(endpoint, (time, id) => {
      if (time < bound()) oldest.add(time, { in: 'slots', id });
      return true;
    });
    return oldest.sorted();
  }

  /** How many were committed before `olderThan`; stops when there are more than `most`. */
  lookCount(endpoint: string, olderThan: number, most: number): number {
    let count = 0;
    const visit = (time: number) => {
      if (time < olderThan) count++;
      return count <= most;
    };
    if (this.#entryTimes(endpoint, () => olderThan, visit)) this.#slotTimes(endpoint, visit);
    return count;
  }

  /** False when `visit` ended it. */
  #entryTimes(endpoint: string, bound: () => number, visit: Visit): boolean {
    const { start, end } = rangeOf(endpoint);
    const resume = keyOf(endpoint, encode(Date.now() + skewMs, timeDigits));
    let lateBound = Number.NaN;
    let late = end;
    let isEnded = false;
    let isLate = false;
    const each = (key: string, time: number) => {
      if (bound() !== lateBound) {
        lateBound = bound();
        late = firstLate(endpoint, lateBound);
      }
      isLate = key >= late && key < resume;
      if (isLate) return false;
      isEnded = !visit(time, key.slice(endpoint.length + 1));
      return !isEnded;
    };
    this.#entries.each({ start, end }, timeOfEntry, each);
    if (isLate) this.#entries.each({ start: resume, end }, timeOfEntry, each);
    return !isEnded;
  }

  #slotTimes(endpoint: string, visit: Visit): void {
    this.#unfinished.each(rangeOf(endpoint), timeOfMark, (key, time) =>
      visit(time, key.slice(endpoint.length + 1)),
    );
  }
}

/** Told a time, and the key behind the endpoint; false ends the walk. */
type Visit = (time: number, id: string) => boolean;

/** The first key whose message was made too late to be committed before `bound`. */
function firstLate(endpoint: string, bound: number): string {
  const ms = Math.max(0, Math.ceil(bound + skewMs));
  return ms < 32 ** timeDigits ? keyOf(endpoint, encode(ms, timeDigits)) : rangeOf(endpoint).end;
}
