/** Leases of what is at work: prolonged while it lasts, so that only a dead worker's messages return. */
import type { Delivery } from '../message.js';
import type { Broker } from '../ports.js';

interface Held {
  receipt: string;
  leaseEnd: number;
  extending: Promise<void> | null;
}

export class Leases {
  readonly #broker: Broker;
  readonly #visibilityMs: number;
  readonly #held = new Map<Delivery, Held>();
  #timer: NodeJS.Timeout | null = null;

  constructor(broker: Broker, visibilityMs: number) {
    this.#broker = broker;
    this.#visibilityMs = visibilityMs;
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#extendDue(), Math.max(20, this.#visibilityMs / 4));
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Whether the copy is still this delivery's: prolongs its lease to find out. */
  async isHeld(delivery: Delivery): Promise<boolean> {
    const held = this.#held.get(delivery);
    if (!held) return false;
    await held.extending;
    held.extending = this.#extend(delivery, held);
    await held.extending;
    return held.leaseEnd !== Number.POSITIVE_INFINITY;
  }

  hold(delivery: Delivery): void {
    const { receipt, leaseEnd } = delivery;
    this.#held.set(delivery, { receipt, leaseEnd, extending: null });
  }

  drop(delivery: Delivery): void {
    this.#held.delete(delivery);
  }

  /** The receipt that holds the copy now; after an extension it is another one. */
  async receipt(delivery: Delivery): Promise<string> {
    const held = this.#held.get(delivery);
    if (held?.extending) await held.extending;
    return held?.receipt ?? delivery.receipt;
  }

  #extendDue(): void {
    const due = Date.now() + this.#visibilityMs / 2;
    for (const [delivery, held] of this.#held) {
      if (held.extending || held.leaseEnd > due) continue;
      held.extending = this.#extend(delivery, held);
    }
  }

  async #extend(delivery: Delivery, held: Held): Promise<void> {
    const { endpoint } = delivery.message;
    try {
      const lease = await this.#broker.extend(endpoint, held.receipt, this.#visibilityMs);
      // A stale receipt: somebody else has the copy. This attempt goes on; the protocol copes.
      if (lease) Object.assign(held, lease);
      else held.leaseEnd = Number.POSITIVE_INFINITY;
    } catch {
      // Tried again at the next tick.
    } finally {
      held.extending = null;
    }
  }
}
