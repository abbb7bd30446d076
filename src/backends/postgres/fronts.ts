/**
 * Where a look into a queue begins. Before the copies that it is to find lie those that are at work, and
 * what is left in the index of those that are done, until vacuum comes: each look that began at the
 * beginning would read through all of it. So a look begins where the one before ended, while that finds
 * as many as it wants. What lies before (leases that ended, copies that were released, or queued late)
 * is found as soon as one finds fewer, and after `longestMs` at the latest.
 */
const longestMs = 1000;

interface Front {
  due: number;
  /** `performance.now()` of the last look from the beginning. */
  readonly begunAt: number;
}

export class Fronts {
  readonly #fronts = new Map<string, Front>();

  /** A look begins: copies that were due before the returned time are not for it; 0: all are. */
  begin(endpoint: string): number {
    const now = performance.now();
    const front = this.#fronts.get(endpoint);
    if (front && now - front.begunAt < longestMs) return front.due;
    this.#fronts.set(endpoint, { due: 0, begunAt: now });
    return 0;
  }

  /** A look found as many as it wanted, the last of them due at that time. */
  moveTo(endpoint: string, due: number): void {
    const front = this.#fronts.get(endpoint);
    if (front) front.due = due;
  }

  /** A look found fewer: the next one begins at the beginning. */
  reset(endpoint: string): void {
    this.#fronts.delete(endpoint);
  }
}
