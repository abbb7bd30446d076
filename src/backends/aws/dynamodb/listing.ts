/**
 * Pages of what a table holds in no order. To find a page's first row the table has to be searched from
 * end to end, so that a listing is one search, and its rows are read when their page is asked for:
 *  G1 a listing that begins (no row is named to go on behind) searches anew;
 *  G2 what follows within a minute goes on in what was found then, later or in another process in a
 *     search of its own: rows that came meanwhile may be missing, those that stayed never are;
 *  G3 every row is read by its key, strongly consistent, after its page was asked for.
 */
import { idTime } from '../../../engine/ids.js';
import type { PageQuery } from '../../../engine/upkeep.js';
import { Recent } from './recent.js';

/** A row as it was found: its id, and the key of the item that it is, or lies in. */
export interface FoundRow {
  readonly id: string;
  readonly key: string;
}

export interface Rows<T> {
  /** Rows of an endpoint whose id begins with `prefix`, in any order. */
  readonly find: (endpoint: string, prefix: string) => Promise<readonly FoundRow[]>;
  /** The row as it is after the call; null when it is gone. */
  readonly read: (row: FoundRow) => Promise<T | null>;
}

interface Search {
  readonly rows: readonly FoundRow[];
  readonly usedAt: number;
}

const keptMs = 60_000;
const mostSearches = 8;
const readsAtOnce = 100;

export class Listing<T> {
  readonly #rows: Rows<T>;
  readonly #searches = new Recent<Search>(mostSearches);

  constructor(rows: Rows<T>) {
    this.#rows = rows;
  }

  async page(endpoint: string, { prefix, after, limit }: PageQuery): Promise<readonly T[]> {
    const name = `${endpoint}/${prefix}`;
    const known = after === null ? undefined : this.#searches.get(name);
    const isFresh = known !== undefined && Date.now() - known.usedAt < keptMs;
    const rows = isFresh ? known.rows : sorted(await this.#rows.find(endpoint, prefix));
    const start = after === null ? 0 : rows.findIndex(({ id }) => id > after);
    const page = start < 0 ? [] : await this.#read(rows, start, limit);
    this.#searches.set(name, { rows, usedAt: Date.now() });
    return page;
  }

  async #read(rows: readonly FoundRow[], start: number, limit: number): Promise<readonly T[]> {
    const found: T[] = [];
    for (let at = start; at < rows.length && found.length < limit; ) {
      const some = rows.slice(at, at + Math.min(readsAtOnce, limit - found.length));
      const read = await Promise.all(some.map((row) => this.#rows.read(row)));
      found.push(...read.filter((row) => row !== null));
      at += some.length;
    }
    return found;
  }
}

/** An id of ours is a whole one, and no other begins with it: then nothing has to be searched. */
export function isWholeId(prefix: string): boolean {
  return idTime(prefix) > 0;
}

function sorted(rows: readonly FoundRow[]): readonly FoundRow[] {
  return [...rows].sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0));
}
