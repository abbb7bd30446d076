/**
 * An append-only log of cells: entry n is the cell `NAME/n`, created if absent, so that two writers never
 * write one number. `NAME/end` says how far it certainly goes; who appends looks on from there. It is
 * written after the entry: a crash in between leaves it behind, never ahead.
 */
import type { Cells } from './cells.js';

export interface Logged<T> {
  readonly number: number;
  readonly value: T;
}

const pageSize = 50;

export class CellLog<T> {
  readonly #cells: Cells;
  readonly #name: string;

  constructor(cells: Cells, name: string) {
    this.#cells = cells;
    this.#name = name;
  }

  /** Resolves with the number of the entry, from 1, once it is durable. */
  async append(value: T): Promise<number> {
    for (let number = (await this.#end()) + 1; ; number++) {
      if (!(await this.#cells.create(this.#at(number), value))) continue;
      await this.#cells.update<number>(this.#at('end'), (end) =>
        (end ?? 0) >= number ? undefined : number,
      );
      return number;
    }
  }

  async entry(number: number): Promise<T | null> {
    return (await this.#cells.read<T>(this.#at(number))).value;
  }

  /** From the newest to the oldest. */
  async *newestFirst(): AsyncIterable<Logged<T>> {
    for (let top = await this.#last(); top > 0; top -= pageSize) {
      const numbers = Array.from({ length: Math.min(pageSize, top) }, (_, at) => top - at);
      const values = await Promise.all(numbers.map((number) => this.entry(number)));
      for (const [at, number] of numbers.entries()) {
        const value = values[at];
        if (value !== null && value !== undefined) yield { number, value };
      }
    }
  }

  async #end(): Promise<number> {
    return (await this.#cells.read<number>(this.#at('end'))).value ?? 0;
  }

  async #last(): Promise<number> {
    let last = await this.#end();
    while ((await this.entry(last + 1)) !== null) last++;
    return last;
  }

  #at(what: number | 'end'): string {
    return `${this.#name}/${what}`;
  }
}
