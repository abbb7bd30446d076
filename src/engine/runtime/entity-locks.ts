/** Order within one process: one holder per entity key at a time, first come, first served. */
export class EntityLocks {
  readonly #waiting = new Map<string, Array<() => void>>();

  /** Resolves with the unlock function when it is this caller's turn; unlocking twice is harmless. */
  lock(key: string): Promise<() => void> {
    const queue = this.#waiting.get(key);
    if (queue) return new Promise((resolve) => queue.push(() => resolve(this.#unlocker(key))));
    this.#waiting.set(key, []);
    return Promise.resolve(this.#unlocker(key));
  }

  #unlocker(key: string): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.get(key)?.shift();
      if (next) next();
      else this.#waiting.delete(key);
    };
  }
}
