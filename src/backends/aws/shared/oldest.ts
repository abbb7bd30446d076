/** Of many pending entries those that were committed first, in that order; ties in the order they came. */
import type { PendingEntry } from '../../../engine/ports.js';

export class Oldest {
  readonly #limit: number;
  #found: PendingEntry[] = [];
  #worst = Number.POSITIVE_INFINITY;
  #isSorted = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: PendingEntry): void {
    if (entry.committedAt >= this.#worst) return;
    this.#found.push(entry);
    this.#isSorted = false;
    if (this.#found.length >= 2 * this.#limit) this.#cut();
  }

  /** What was committed then, or later, does not belong to them any more. */
  get worst(): number {
    if (this.#found.length >= this.#limit) this.#cut();
    return this.#worst;
  }

  list(): readonly PendingEntry[] {
    this.#cut();
    return this.#found;
  }

  #cut(): void {
    if (this.#isSorted) return;
    this.#found.sort((one, other) => one.committedAt - other.committedAt);
    this.#found = this.#found.slice(0, this.#limit);
    this.#isSorted = true;
    if (this.#found.length < this.#limit) return;
    this.#worst = this.#found.at(-1)?.committedAt ?? this.#worst;
  }
}
