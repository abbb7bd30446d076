/**
 * Receivers that wait in this process. A message queued here is leased to one of them in the very
 * statement that queues it: no second write, no round trip, no wake-up.
 *
 * A waiter belongs to at most one claim at a time: a call that is about to hand it something, or a look
 * into the queue. The claim ends with that call, whatever comes of it.
 */
import type { Delivery } from '../../engine/message.js';
import type { ReceiveOptions } from '../../engine/ports.js';

export interface Waiter {
  readonly endpoint: string;
  readonly max: number;
  readonly options: ReceiveOptions;
  readonly resolve: (deliveries: Delivery[]) => void;
  /** `performance.now()` at which it comes back empty. */
  deadline: number;
  claim: Claim | null;
  planned: number;
  handed: Delivery[];
}

export class Claim {
  readonly waiters: Waiter[] = [];
}

export class Waiters {
  readonly #byEndpoint = new Map<string, Waiter[]>();

  endpoints(): IterableIterator<string> {
    return this.#byEndpoint.keys();
  }

  all(): Waiter[] {
    return [...this.#byEndpoint.values()].flat();
  }

  add(waiter: Waiter): void {
    const waiters = this.#byEndpoint.get(waiter.endpoint);
    if (waiters) waiters.push(waiter);
    else this.#byEndpoint.set(waiter.endpoint, [waiter]);
  }

  /** One that has room in this claim, or in none; null when every one is taken. */
  claim(endpoint: string, claim: Claim): Waiter | null {
    for (const waiter of this.#byEndpoint.get(endpoint) ?? []) {
      if (waiter.claim === claim && waiter.planned < waiter.max) {
        waiter.planned++;
        return waiter;
      }
      if (waiter.claim !== null) continue;
      waiter.claim = claim;
      waiter.planned = 1;
      claim.waiters.push(waiter);
      return waiter;
    }
    return null;
  }

  /** Ends the claim: who was handed something goes, who was not waits on. Returns those that do. */
  settle(claim: Claim): Waiter[] {
    const waiting: Waiter[] = [];
    for (const waiter of claim.waiters.splice(0)) {
      waiter.claim = null;
      waiter.planned = 0;
      if (waiter.handed.length > 0 || performance.now() >= waiter.deadline) this.finish(waiter);
      else waiting.push(waiter);
    }
    return waiting;
  }

  /** Ends a wait; not one that something is about to be handed to, which ends with its claim. */
  end(waiter: Waiter): void {
    if (waiter.claim === null) this.finish(waiter);
    else waiter.deadline = 0;
  }

  finish(waiter: Waiter): void {
    const waiters = this.#byEndpoint.get(waiter.endpoint);
    const at = waiters?.indexOf(waiter) ?? -1;
    if (!waiters || at < 0) return;
    waiters.splice(at, 1);
    if (waiters.length === 0) this.#byEndpoint.delete(waiter.endpoint);
    waiter.resolve(waiter.handed);
  }
}
