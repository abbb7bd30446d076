/**
 * Changes of one entity that are outstanding together in this process go in one conditional write; a
 * lost race starts them again from what is there now. Rules:
 *  C1 each change decides by its own condition, on the row as the changes before it leave it;
 *  C2 a change that is turned down hears it only from a row read after it was asked for, or from one
 *     that no later row can contradict (`final`);
 *  C3 a change hears of its success only when the write is done.
 */
import { OncectlError } from '../../../engine/errors.js';
import type { EntityRow, Snapshot } from './entity-row.js';
import type { Address, EntityStore } from './entity-store.js';
import { pause } from './pause.js';

/** What a change makes of a row: `row` is null when its condition does not hold. */
export interface Applied<T> {
  readonly row: EntityRow | null;
  readonly answer: T;
  /** The condition can never hold again. */
  readonly final?: boolean;
}

export type EntityChange<T> = (row: EntityRow) => Applied<T>;

interface Waiting {
  readonly change: EntityChange<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Plan {
  /** Null when no change holds. */
  readonly row: EntityRow | null;
  readonly answers: readonly unknown[];
  /** Every answer stands, if the row is written. */
  readonly isSure: boolean;
}

/** So long a change that needs no particular version is tried again, ms. */
const patience = 60_000;

export class EntityWriter {
  readonly #store: EntityStore;
  readonly #queues = new Map<string, Waiting[]>();

  constructor(store: EntityStore) {
    this.#store = store;
  }

  /** Resolves with the answer of the change once it is durable, or once it is turned down. */
  perform<T>(address: Address, change: EntityChange<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = { change, resolve: resolve as (answer: unknown) => void, reject };
      const name = JSON.stringify([address.endpoint, address.key]);
      const queue = this.#queues.get(name);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const started = [waiting];
      this.#queues.set(name, started);
      void this.#empty(address, name, started);
    });
  }

  async #empty(address: Address, name: string, queue: Waiting[]): Promise<void> {
    // What comes in the same turn of the event loop goes together.
    await new Promise(setImmediate);
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        const answers = await this.#carryOut(address, batch);
        for (const [at, { resolve }] of batch.entries()) resolve(answers[at]);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#queues.delete(name);
  }

  async #carryOut(address: Address, batch: readonly Waiting[]): Promise<readonly unknown[]> {
    const deadline = Date.now() + patience;
    const seen = this.#store.seen(address);
    let base: Snapshot = seen ?? (await this.#store.read(address));
    let isFresh = seen === undefined;
    for (let losses = 0; ; ) {
      const plan = planOf(batch, base.row);
      if (!plan.isSure && !isFresh) {
        base = await this.#store.read(address);
        isFresh = true;
        continue;
      }
      if (!plan.row) return plan.answers;
      const { outcome, snapshot } = await this.#store.write(base, plan.row);
      if (outcome === 'written') return plan.answers;
      if (Date.now() > deadline) throw overrun(address);
      base = snapshot;
      isFresh = true;
      losses++;
      // The first time straight on; then others go first, unless all that is left is to say no.
      if (losses === 1 || !planOf(batch, base.row).row) continue;
      await pause(Math.min(losses - 1, 5));
      base = await this.#store.read(address);
    }
  }
}

function planOf(batch: readonly Waiting[], base: EntityRow): Plan {
  let row: EntityRow | null = null;
  let isSure = true;
  const answers = batch.map(({ change }) => {
    const applied = change(row ?? base);
    row = applied.row ?? row;
    isSure &&= applied.row !== null || applied.final === true;
    return applied.answer;
  });
  return { row, answers, isSure };
}

function overrun({ endpoint, key }: Address): OncectlError {
  return new OncectlError('unreachable', 'an entity changes faster than this change gets in', {
    about: `entity ${endpoint}/${key}`,
    hint: 'nothing was written; fewer workers on this entity, or keys that spread the load',
  });
}
