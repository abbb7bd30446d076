/** The clock of a run: time since its load began, and waits that an interrupt ends. */
export class RunClock {
  /** When the load began, ms since the epoch; 0 before. */
  startAt = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  #wake: () => void = () => {};

  /** Since the load began, ms; negative before. */
  elapsed(): number {
    return Date.now() - this.startAt;
  }

  /** Resolves at this time since the load began, or earlier by `interrupt`. */
  sleepUntil(atMs: number): Promise<void> {
    return this.pause(Math.max(0, atMs - this.elapsed()));
  }

  /** Resolves after so many ms, or earlier by `interrupt`. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.after(ms, resolve);
    });
  }

  after(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }

  /** Ends the wait under way. */
  interrupt(): void {
    this.#wake();
  }

  /** Forgets everything that is still to come. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
