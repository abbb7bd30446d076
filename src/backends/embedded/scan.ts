/**
 * A table read row by row without copying its values: a look is shown each where LMDB put it, and says
 * what to keep of it. For reads (`Env.read`) that pass over many rows: about 0.4 s a million.
 */
import type { Database } from 'lmdb';
import type { Env } from './env.js';

/** A range of keys, as lmdb takes it. */
export interface KeyRange {
  readonly start: string;
  readonly exclusiveStart?: boolean;
  readonly end: string;
}

/**
 * Shown the bytes of a value, which end at `size` and may be longer; they are there during the call
 * alone. `undefined` passes the row over.
 */
export type Look<T> = (bytes: Uint8Array, size: number) => T | undefined;

export class Scan {
  readonly #table: Database<unknown, string>;
  #look: Look<unknown> = () => undefined;

  /** Opens a second handle on the table: like the first one, while nobody else commits. */
  constructor(env: Env, name: string) {
    const encoder = {
      encode: () => {
        throw new Error('a scan does not write');
      },
      decode: (bytes: Uint8Array, size: number) => this.#look(bytes, size),
    };
    const options = { name, encoder } as { name: string };
    this.#table = env.root.openDB<unknown, string>(options);
  }

  /** Visits what `look` keeps of the range, in the order of keys, until `visit` answers false. */
  each<T>(range: KeyRange, look: Look<T>, visit: (key: string, kept: T) => boolean): void {
    this.#look = look;
    for (const { key, value } of this.#table.getRange({ ...range })) {
      if (value !== undefined && !visit(key, value as T)) return;
    }
  }
}

/** The bytes of a value, for good. */
export function copyOf(bytes: Uint8Array, size: number): Buffer {
  return Buffer.from(bytes.subarray(0, size));
}
