/**
 * The dead letters of each endpoint, by sweeps of their queue.
 *  D1 a listing is of what was visible to its sweep: letters that another command sweeps at that moment
 *     are missing, and beyond ten thousand it stops;
 *  D2 pages after the first come from the same sweep for a minute, in the order of death; later, or in
 *     another process, the queue is swept again and the page begins behind the cursor;
 *  D3 a redrive finds its letter by the broker's id of the copy, leases it, sends the message under its
 *     own id and deletes the letter. A crash in between leaves both: a duplicate, which the protocols
 *     drop. A discard finds it likewise, and only deletes it;
 *  D4 orders outstanding together share one sweep. Of several orders for one letter the first counts.
 */
import type { DeadLetter } from '../../../engine/ports.js';
import { Coalescer } from '../shared/coalesce.js';
import type { Batches } from './batches.js';
import type { Calls } from './calls.js';
import { outgoing } from './calls.js';
import { withPast } from './encoding.js';
import type { Queue, Queues } from './queues.js';
import type { Sweeper, Swept } from './sweep.js';

const leaseSeconds = 30;
const mostCopies = 10_000;
const snapshotMs = 60_000;
/** How long an order looks for a letter that somebody else may be listing at the moment, ms. */
const patienceMs = 5_000;
const ordersTogether = 1000;

/** What is to become of one dead letter. */
interface Order {
  readonly receipt: string;
  readonly fate: 'redrive' | 'discard';
}

interface Snapshot {
  readonly letters: readonly DeadLetter[];
  readonly takenAt: number;
}

export class DeadLetters {
  readonly #queues: Queues;
  readonly #calls: Calls;
  readonly #batches: Batches;
  readonly #sweeper: Sweeper;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #orders = new Map<string, Coalescer<Order, boolean>>();

  constructor(queues: Queues, calls: Calls, batches: Batches, sweeper: Sweeper) {
    this.#queues = queues;
    this.#calls = calls;
    this.#batches = batches;
    this.#sweeper = sweeper;
  }

  async list(endpoint: string, after: string | null, limit: number): Promise<DeadLetter[]> {
    const known = this.#snapshots.get(endpoint);
    const isFresh = known !== undefined && Date.now() - known.takenAt < snapshotMs;
    const letters = after !== null && isFresh ? known.letters : await this.#sweepAll(endpoint);
    return letters.filter(({ receipt }) => after === null || receipt > after).slice(0, limit);
  }

  /** Puts the letter back into its queue; false when no such letter is there. */
  redrive(endpoint: string, receipt: string): Promise<boolean> {
    return this.#order(endpoint, { receipt, fate: 'redrive' });
  }

  /** Removes the letter for good; false when no such letter is there. */
  discard(endpoint: string, receipt: string): Promise<boolean> {
    return this.#order(endpoint, { receipt, fate: 'discard' });
  }

  async settle(): Promise<void> {
    await Promise.all([...this.#orders.values()].map((orders) => orders.settle()));
  }

  #order(endpoint: string, order: Order): Promise<boolean> {
    const known = this.#orders.get(endpoint);
    const orders =
      known ??
      new Coalescer<Order, boolean>({
        run: (some) => this.#carryOut(endpoint, some),
        maxItems: ordersTogether,
        concurrency: 1,
      });
    this.#orders.set(endpoint, orders);
    return orders.add(order);
  }

  async #sweepAll(endpoint: string): Promise<readonly DeadLetter[]> {
    const queue = await this.#queues.of(endpoint, 'dead');
    const found = await this.#sweeper.take(queue, { endpoint, leaseSeconds, mostCopies });
    await this.#sweeper.putBack(queue, found.values());
    const letters = [...found.values()].map(letterOf);
    letters.sort((left, right) => (left.receipt < right.receipt ? -1 : 1));
    this.#snapshots.set(endpoint, { letters, takenAt: Date.now() });
    return letters;
  }

  async #carryOut(
    endpoint: string,
    orders: readonly Order[],
  ): Promise<PromiseSettledResult<boolean>[]> {
    const queue = await this.#queues.of(endpoint, 'dead');
    const wanted = new Set(orders.map(({ receipt }) => copyIdOf(receipt)));
    const isEnough = (found: ReadonlyMap<string, Swept>) =>
      [...wanted].every((copyId) => found.has(copyId));
    const options = { endpoint, leaseSeconds, mostCopies, isEnough };
    const deadline = Date.now() + patienceMs;
    let found = await this.#sweeper.take(queue, options);
    while (
      !isEnough(found) &&
      Date.now() < deadline &&
      (await this.#isAnyHidden(endpoint, found))
    ) {
      found = await this.#sweeper.take(queue, options, found);
    }
    const others = [...found.values()].filter(({ copyId }) => !wanted.has(copyId));
    const putBack = this.#sweeper.putBack(queue, others);
    const outcomes = orders.map(({ receipt, fate }) => {
      const letter = found.get(copyIdOf(receipt));
      if (!letter) return Promise.resolve(false);
      // D4: whoever orders the same once more finds it gone.
      found.delete(letter.copyId);
      return fate === 'redrive' ? this.#putInQueue(endpoint, letter) : this.#drop(queue, letter);
    });
    const settled = await Promise.allSettled(outcomes);
    await putBack;
    return settled;
  }

  /** Whether somebody else hides letters now: what was not found may be among them. */
  async #isAnyHidden(endpoint: string, found: ReadonlyMap<string, Swept>): Promise<boolean> {
    const { inFlight } = await this.#calls.depth(await this.#queues.of(endpoint, 'dead'));
    return inFlight > found.size;
  }

  async #drop(dead: Queue, letter: Swept): Promise<boolean> {
    await this.#batches.delete(dead, letter.handle);
    return true;
  }

  async #putInQueue(endpoint: string, letter: Swept): Promise<boolean> {
    const queue = await this.#queues.of(endpoint);
    const { failures } = letter.past;
    const encoded = withPast(letter.encoded, { receives: 0, failures });
    const dead = await this.#queues.of(endpoint, 'dead');
    try {
      await this.#batches.send(queue, outgoing(encoded));
    } catch (error) {
      await this.#sweeper.putBack(dead, [letter]);
      throw error;
    }
    return this.#drop(dead, letter);
  }
}

/** What the redrive policy moved has no time of death; SQS then tells when it was first sent. */
export function letterOf({ message, past, receives, sentAt, copyId }: Swept): DeadLetter {
  const deadAt = past.deadAt ?? sentAt;
  return {
    message,
    receipt: `${String(deadAt).padStart(13, '0')}/${copyId}`,
    receives: past.deadAt === undefined ? past.receives + receives : past.receives,
    deadAt,
    failures: past.failures,
  };
}

function copyIdOf(receipt: string): string {
  return receipt.slice(receipt.indexOf('/') + 1);
}
