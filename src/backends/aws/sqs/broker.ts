/**
 * The broker on Amazon SQS, standard queues: at least once, no order, leases in whole seconds.
 *  S1 a message is told by our id inside it, never by the broker's: a redrive by the console, which
 *     gives a new one, and a copy of ours are the same message;
 *  S2 a release with a failure, and a dead letter, are a copy sent first and the original deleted
 *     after, with the lease prolonged before: a crash in between leaves a duplicate, never nothing;
 *  S3 what a receipt may no longer do is judged by our clock first and by SQS second: SQS lets some
 *     calls with a stale handle pass.
 * Approximate, because SQS says so: `receives`, and every figure of `depth` (a minute behind at worst).
 */
import { OncectlError } from '../../../engine/errors.js';
import type { Delivery, Failure, Message } from '../../../engine/message.js';
import type {
  Broker,
  DeadLetter,
  Lease,
  QueueDepth,
  ReceiveOptions,
  ReleaseOptions,
  SendOptions,
} from '../../../engine/ports.js';
import type { Load } from '../shared/load.js';
import type { Batches } from './batches.js';
import { type Calls, outgoing } from './calls.js';
import type { DeadLetters } from './dead-letters.js';
import { encode, withPast } from './encoding.js';
import type { Held, HeldCopies } from './held.js';
import { leaseSeconds, longestDelaySeconds, longestLeaseSeconds, secondsOf } from './limits.js';
import { Poller } from './poller.js';
import type { Queue, Queues } from './queues.js';
import { deliveriesOf } from './receipts.js';

/** For the time that it takes to send a copy and delete the original. */
const copyingMs = 30_000;

export interface BrokerParts {
  readonly queues: Queues;
  readonly calls: Calls;
  readonly batches: Batches;
  readonly copies: HeldCopies;
  readonly deadLetters: DeadLetters;
  readonly load: Load;
}

export class SqsBroker implements Broker {
  readonly #queues: Queues;
  readonly #calls: Calls;
  readonly #batches: Batches;
  readonly #copies: HeldCopies;
  readonly #deadLetters: DeadLetters;
  readonly #load: Load;
  /** By address of the queue, then by seconds of the lease. */
  readonly #pollers = new Map<string, Map<number, Poller>>();
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor({ queues, calls, batches, copies, deadLetters, load }: BrokerParts) {
    this.#queues = queues;
    this.#calls = calls;
    this.#batches = batches;
    this.#copies = copies;
    this.#deadLetters = deadLetters;
    this.#load = load;
    batches.hasRoom = ({ url }) =>
      [...(this.#pollers.get(url)?.values() ?? [])].some(({ isWaiting }) => isWaiting);
  }

  /** Delays are whole seconds, at most 900; a longer one is refused. */
  async send(messages: readonly Message[], { delay = 0 }: SendOptions = {}): Promise<void> {
    const delaySeconds = delaySecondsOf(delay);
    const encoded = messages.map((message) => [message.endpoint, encode(message)] as const);
    const sends = encoded.map(([endpoint, one]) =>
      this.#do(endpoint, (queue) => this.#batches.send(queue, outgoing(one, delaySeconds))),
    );
    await together(sends);
  }

  async receive(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    if (options.signal?.aborted) return [];
    return this.#do(endpoint, async (queue) => {
      if (this.#isClosed) return [];
      const poller = this.#poller(endpoint, queue, leaseSeconds(options.visibility));
      return poller.receive(max, options.wait, options.signal);
    });
  }

  ack(endpoint: string, receipt: string): Promise<void> {
    return this.#do(endpoint, async (queue) => {
      await this.#batches.delete(queue, receipt);
      this.#copies.remove(receipt);
    });
  }

  async release(endpoint: string, receipt: string, options: ReleaseOptions): Promise<void> {
    const { delay, failure } = options;
    if (this.#copies.isStale(receipt)) return;
    const held = this.#copies.get(receipt);
    if (failure && held) {
      const delaySeconds = delaySecondsOf(delay);
      await this.#replace(endpoint, receipt, async ({ encoded, past, receives }) => {
        const copy = withPast(encoded, { receives, failures: [...past.failures, failure] });
        const queue = await this.#queues.of(endpoint);
        await this.#batches.send(queue, outgoing(copy, delaySeconds));
      });
      return;
    }
    // Without the message itself (another process received it) the failure cannot be kept.
    const seconds = Math.min(longestLeaseSeconds, secondsOf(delay));
    await this.#do(endpoint, async (queue) => {
      await this.#batches.changeLease(queue, { handle: receipt, seconds });
      this.#copies.remove(receipt);
    });
  }

  async extend(endpoint: string, receipt: string, visibility: number): Promise<Lease | null> {
    if (this.#copies.isStale(receipt)) return null;
    const now = Date.now();
    const since = this.#copies.get(receipt)?.since ?? now;
    const left = longestLeaseSeconds - secondsOf(now - since);
    const seconds = Math.min(leaseSeconds(visibility), left);
    if (seconds < 1) return null;
    const isHeld = await this.#do(endpoint, (queue) =>
      this.#batches.changeLease(queue, { handle: receipt, seconds }),
    );
    if (!isHeld) {
      this.#copies.extended(receipt, 0);
      return null;
    }
    const leaseEnd = now + seconds * 1000;
    this.#copies.extended(receipt, leaseEnd);
    return { receipt, leaseEnd };
  }

  /** Without effect when the receipt is stale, or was another process's: the copy comes again. */
  deadLetter(endpoint: string, receipt: string, reason: Failure): Promise<void> {
    return this.#replace(endpoint, receipt, async ({ encoded, past, receives }) => {
      const failures = [...past.failures, reason];
      const letter = withPast(encoded, { receives, failures, deadAt: Date.now() });
      await this.#batches.send(await this.#queues.of(endpoint, 'dead'), outgoing(letter));
    });
  }

  async depth(endpoint: string): Promise<QueueDepth> {
    const [queue, dead] = await Promise.all([
      this.#do(endpoint, (found) => this.#calls.depth(found)),
      this.#queues.of(endpoint, 'dead').then((found) => this.#calls.depth(found)),
    ]);
    return { ...queue, dead: dead.visible + dead.inFlight + dead.delayed };
  }

  listDead(endpoint: string, after: string | null, limit: number): Promise<DeadLetter[]> {
    return this.#do(endpoint, () => this.#deadLetters.list(endpoint, after, limit));
  }

  redrive(endpoint: string, receipt: string): Promise<boolean> {
    return this.#do(endpoint, () => this.#deadLetters.redrive(endpoint, receipt));
  }

  /** Ends every wait, and waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const pollers = [...this.#pollers.values()].flatMap((ofQueue) => [...ofQueue.values()]);
    await Promise.all(pollers.map((poller) => poller.close()));
    await Promise.all([this.#batches.settle(), this.#deadLetters.settle()]);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** S2. Does nothing when the receipt no longer holds the copy. */
  async #replace(
    endpoint: string,
    receipt: string,
    sendCopy: (held: Held) => Promise<void>,
  ): Promise<void> {
    const held = this.#copies.get(receipt);
    if (held?.endpoint !== endpoint) return;
    if ((await this.extend(endpoint, receipt, copyingMs)) === null) return;
    await this.#do(endpoint, async (queue) => {
      await sendCopy(held);
      await this.#batches.delete(queue, receipt);
    });
    this.#copies.remove(receipt);
  }

  #poller(endpoint: string, queue: Queue, seconds: number): Poller {
    let ofQueue = this.#pollers.get(queue.url);
    if (!ofQueue) {
      ofQueue = new Map();
      this.#pollers.set(queue.url, ofQueue);
    }
    const known = ofQueue.get(seconds);
    if (known) return known;
    const made = new Poller({
      load: this.#load,
      onWaiting: () => this.#batches.lookAtDeletes(queue),
      poll: async (max, pollSeconds, signal) => {
        const asked = Date.now();
        const request = { max, pollSeconds, leaseSeconds: seconds, ...(signal ? { signal } : {}) };
        const messages = await this.#calls.receive(queue, request);
        const lease = { endpoint, asked, answered: Date.now(), seconds };
        return deliveriesOf(messages, lease, this.#copies);
      },
      giveBack: (deliveries) => this.#giveBack(queue, deliveries),
    });
    ofQueue.set(seconds, made);
    return made;
  }

  #giveBack(queue: Queue, deliveries: readonly Delivery[]): void {
    for (const { receipt } of deliveries) {
      this.#copies.remove(receipt);
      const given = this.#batches.changeLease(queue, { handle: receipt, seconds: 0 });
      // What cannot be given back comes back at the end of its lease.
      this.#track(given.catch(() => {}));
    }
  }

  async #do<T>(endpoint: string, work: (queue: Queue) => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new OncectlError('aborted', 'the broker is closed', {
        about: endpoint,
        happened: 'no',
      });
    }
    return this.#track(this.#queues.of(endpoint).then(work));
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const forget = () => void this.#underWay.delete(ended);
    const ended: Promise<void> = work.then(forget, forget);
    this.#underWay.add(ended);
    return work;
  }
}

function delaySecondsOf(delay: number): number {
  const seconds = secondsOf(delay);
  if (seconds <= longestDelaySeconds) return seconds;
  throw new OncectlError('invalid-message', 'SQS delays a message by 900 s at most', {
    about: `${seconds} s`,
    happened: 'no',
  });
}

/** Waits for all; of a part that failed, the whole says `unknown` when any of it may have happened. */
async function together(sends: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(sends);
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const [first] = errors;
  if (first === undefined) return;
  const isSure =
    errors.length === sends.length &&
    errors.every((error) => error instanceof OncectlError && error.happened === 'no');
  if (isSure || !(first instanceof OncectlError)) throw first;
  const { kind, message, about, hint } = first;
  throw new OncectlError(kind, message, {
    happened: 'unknown',
    cause: first,
    ...(about === undefined ? {} : { about }),
    ...(hint === undefined ? {} : { hint }),
  });
}
