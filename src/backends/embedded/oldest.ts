/** Keeps the `limit` rows with the earliest times out of any number that pass by. */
export class Oldest<T> {
  readonly #limit: number;
  #kept: { readonly at: number; readonly row: T }[] = [];
  #latest = Number.POSITIVE_INFINITY;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** No row of this time or a later one is among them; Infinity while any may be. */
  get bound(): number {
    return this.#limit <= 0 ? Number.NEGATIVE_INFINITY : this.#latest;
  }

  add(at: number, row: T): void {
    if (at >= this.bound) return;
    this.#kept.push({ at, row });
    // Sorted once for many: the bound may lag behind, never run ahead.
    if (this.#kept.length >= 2 * this.#limit) this.#cut();
    else if (this.#kept.length === this.#limit) this.#cut();
  }

  /** The rows, the earliest first; of one time in the order in which they came. */
  sorted(): T[] {
    this.#cut();
    return this.#kept.map(({ row }) => row);
  }

  #cut(): void {
    this.#kept.sort((left, right) => left.at - right.at);
    this.#kept.length = Math.min(this.#kept.length, Math.max(0, this.#limit));
    if (this.#kept.length === this.#limit) this.#latest = this.#kept.at(-1)?.at ?? this.#latest;
  }
}
