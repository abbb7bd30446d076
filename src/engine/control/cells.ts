/**
 * oncectl's own records in a deployment (log, pauses, progress of plans), kept where its business data
 * is: entities of the reserved endpoint. Every backend has conditional writes for entities, so every
 * backend has these, and whoever reaches the deployment reaches them.
 *
 * A cell is one JSON value under a name, changed by compare-and-set on its version. A read may be stale;
 * a write decided on a stale read fails its condition.
 */
import { asOncectlError, Conflict } from '../errors.js';
import type { BusinessStore } from '../ports.js';
import { controlEndpoint } from '../upkeep.js';

export interface Cell<T> {
  /** null: never written. */
  readonly value: T | null;
  readonly version: number;
}

export class Cells {
  readonly #business: Pick<BusinessStore, 'load' | 'commit'>;

  constructor(business: Pick<BusinessStore, 'load' | 'commit'>) {
    this.#business = business;
  }

  async read<T>(name: string): Promise<Cell<T>> {
    const { state, version } = await this.#business.load(controlEndpoint, name, name);
    return { version, value: state === null ? null : (JSON.parse(decode(state)) as T) };
  }

  /** Writes if the cell is still at `version`; resolves with the new one, rejects with `Conflict`. */
  write(name: string, version: number, value: unknown): Promise<number> {
    const state = new TextEncoder().encode(JSON.stringify(value));
    return this.#business.commit(controlEndpoint, name, version, { state });
  }

  /**
   * Creates the cell; false when it is there already, with whatever value. A creation whose outcome is
   * unknown is looked up: `value` must differ from what anybody else would write.
   */
  async create(name: string, value: unknown): Promise<boolean> {
    try {
      await this.write(name, 0, value);
      return true;
    } catch (error) {
      if (error instanceof Conflict) return false;
      if (asOncectlError(error).happened === 'no') throw error;
      const found = await this.read(name);
      if (found.version === 0) throw error;
      return JSON.stringify(found.value) === JSON.stringify(value);
    }
  }

  /**
   * Reads, changes, writes, again for as long as others are faster. `change` may be called more than
   * once; returning `undefined` leaves the cell as it is.
   */
  async update<T>(name: string, change: (value: T | null) => T | undefined): Promise<T | null> {
    for (;;) {
      const { value, version } = await this.read<T>(name);
      const next = change(value);
      if (next === undefined) return value;
      try {
        await this.write(name, version, next);
        return next;
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
