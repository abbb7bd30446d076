/** Keeps what was used last, up to a sum of sizes. */

interface Kept<T> {
  readonly value: T;
  readonly size: number;
}

/** Room that an entry takes beside its value, roughly. */
const overhead = 200;

export class SizedCache<T> {
  readonly #limit: number;
  readonly #kept = new Map<string, Kept<T>>();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(name: string): T | undefined {
    const found = this.#kept.get(name);
    if (!found) return undefined;
    this.#kept.delete(name);
    this.#kept.set(name, found);
    return found.value;
  }

  /** A value larger than an eighth of the cache is not kept: it would push out everything else. */
  set(name: string, value: T, bytes: number): void {
    this.delete(name);
    const size = bytes + overhead;
    if (size > this.#limit / 8) return;
    this.#kept.set(name, { value, size });
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.#limit) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const found = this.#kept.get(name);
    if (!found) return;
    this.#kept.delete(name);
    this.#size -= found.size;
  }
}
