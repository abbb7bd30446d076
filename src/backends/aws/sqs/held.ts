/**
 * Copies that this process holds: SQS gives a handle and nothing to look a copy up by, so what may have
 * to be sent again (a release with a failure, a dead letter) is kept here until the copy is gone.
 */
import type { Encoded } from './encoding.js';
import type { Past } from './failures.js';

export interface Held {
  readonly endpoint: string;
  readonly encoded: Encoded;
  readonly past: Past;
  /** How often this copy was received, and those before it. */
  readonly receives: number;
  /** When SQS began to count the 12 hours that a lease may last. */
  readonly since: number;
  /** Ms since the epoch, by our clock: never later than SQS's own end by more than a moment. */
  leaseEnd: number;
}

/** How long a copy is remembered behind the end of its lease, ms: a late call then knows it is late. */
const rememberedMs = 60_000;

export class HeldCopies {
  /** In the order of their last lease. */
  readonly #copies = new Map<string, Held>();

  add(handle: string, held: Held): void {
    this.#forgetOld();
    this.#copies.set(handle, held);
  }

  get(handle: string): Held | undefined {
    return this.#copies.get(handle);
  }

  /** The lease of a copy of ours is over: the handle holds nothing any more. */
  isStale(handle: string): boolean {
    const held = this.#copies.get(handle);
    return held !== undefined && held.leaseEnd <= Date.now();
  }

  extended(handle: string, leaseEnd: number): void {
    const held = this.#copies.get(handle);
    if (!held) return;
    held.leaseEnd = leaseEnd;
    this.#copies.delete(handle);
    this.#copies.set(handle, held);
  }

  remove(handle: string): void {
    this.#copies.delete(handle);
  }

  #forgetOld(): void {
    const before = Date.now() - rememberedMs;
    for (const [handle, { leaseEnd }] of this.#copies) {
      if (leaseEnd > before) return;
      this.#copies.delete(handle);
    }
  }
}
