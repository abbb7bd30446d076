/**
 * The embedded broker: queues in one LMDB environment, shared by every process of the deployment.
 *
 * A receiver that finds nothing waits here. A message sent in the same process is handed to it inside
 * the very transaction that queues it (leased from birth); one sent by another process announces
 * itself by a wake-up. Both only save time: what is lost of them, the poll finds.
 */
import { performance } from 'node:perf_hooks';
import type { Delivery, Failure, Message } from '../../engine/message.js';
import type {
  Broker,
  DeadLetter,
  Lease,
  QueueDepth,
  ReceiveOptions,
  ReleaseOptions,
  SendOptions,
} from '../../engine/ports.js';
import type { Env } from './env.js';
import { type PackedMessage, packMessage, QueueTables } from './queue-tables.js';
import { checkMessages } from './records.js';
import type { WakeUp } from './wake-up.js';

interface Waiter {
  readonly endpoint: string;
  readonly max: number;
  readonly options: ReceiveOptions;
  readonly finish: (deliveries: Delivery[]) => void;
  deadline: number;
  handed: Delivery[];
  scanning: boolean;
}

/** How often a waiting receiver looks for leases that ended, delays that passed, lost wake-ups. */
const pollMs = 100;

export class EmbeddedBroker implements Broker {
  readonly tables: QueueTables;
  readonly #env: Env;
  readonly #wakeUp: WakeUp;
  readonly #waiters = new Map<string, Waiter[]>();
  /** Waiters that the flush under way has handed messages to. */
  #handing: Waiter[] = [];
  /** Endpoints that the flush under way queued for without a waiter here. */
  #unclaimed = new Set<string>();
  #poll: NodeJS.Timeout | null = null;

  constructor(env: Env, wakeUp: WakeUp) {
    this.#env = env;
    this.tables = new QueueTables(env);
    this.#wakeUp = wakeUp;
    wakeUp.onWake = (endpoints) => {
      for (const endpoint of endpoints) this.#look(endpoint);
    };
    env.afterCommit = (durable) => this.#afterCommit(durable);
  }

  async send(messages: readonly Message[], options: SendOptions = {}): Promise<void> {
    checkMessages(messages);
    const delay = options.delay ?? 0;
    const packed = messages.map(packMessage);
    return this.#env.write(() => {
      for (const message of packed) this.enqueue(message, delay);
    }, 'now');
  }

  /** Inside a transaction of the broker's environment: queues, or hands over at once. */
  enqueue(packed: PackedMessage, delay: number): void {
    const now = Date.now();
    const { endpoint } = packed.message;
    const waiter = delay > 0 ? undefined : this.#waiterWithRoom(endpoint);
    if (!waiter) {
      this.tables.put(packed, now + delay);
      if (delay === 0) this.#unclaimed.add(endpoint);
      return;
    }
    const { visibility, worker } = waiter.options;
    if (waiter.handed.length === 0) this.#handing.push(waiter);
    waiter.handed.push(this.tables.putLeased(packed, now + visibility, worker));
  }

  async receive(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    if (options.signal?.aborted) return [];
    if (this.#env.read(() => this.tables.lookVisible(endpoint, Date.now()))) {
      const found = await this.#lease(endpoint, max, options);
      if (found.length > 0) return found;
    }
    if (options.wait <= 0 || options.signal?.aborted) return [];
    return this.#wait(endpoint, max, options);
  }

  async ack(endpoint: string, receipt: string): Promise<void> {
    await this.#env.write(() => this.tables.ack(endpoint, receipt), 'soon', 'frees');
  }

  async release(endpoint: string, receipt: string, options: ReleaseOptions): Promise<void> {
    await this.#env.write(() => {
      this.tables.release(endpoint, receipt, Date.now() + options.delay, options.failure);
      if (options.delay === 0) this.#unclaimed.add(endpoint);
    }, 'now');
  }

  extend(endpoint: string, receipt: string, visibility: number): Promise<Lease | null> {
    return this.#env.write(
      () => this.tables.extend(endpoint, receipt, Date.now() + visibility),
      'now',
    );
  }

  async deadLetter(endpoint: string, receipt: string, reason: Failure): Promise<void> {
    await this.#env.write(() => this.tables.bury(endpoint, receipt, reason), 'now');
  }

  async depth(endpoint: string): Promise<QueueDepth> {
    return this.#env.read(() => this.tables.lookDepth(endpoint, Date.now()));
  }

  async listDead(endpoint: string, after: string | null, limit: number): Promise<DeadLetter[]> {
    return this.#env.read(() => this.tables.lookDead(endpoint, after, limit));
  }

  redrive(endpoint: string, receipt: string): Promise<boolean> {
    return this.#env.write(() => {
      this.#unclaimed.add(endpoint);
      return this.tables.redrive(endpoint, receipt, Date.now());
    }, 'now');
  }

  /** Ends every wait with nothing. */
  close(): void {
    if (this.#poll) clearInterval(this.#poll);
    this.#poll = null;
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of [...waiters]) this.#end(waiter);
    }
  }

  #lease(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    return this.#env.write(() => {
      const now = Date.now();
      return this.tables.lease(endpoint, max, now, now + options.visibility, options.worker);
    }, 'now');
  }

  #wait(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    return new Promise((resolve) => {
      const abort = () => this.#end(waiter);
      const waiter: Waiter = {
        endpoint,
        max,
        options,
        deadline: performance.now() + options.wait,
        handed: [],
        scanning: false,
        finish: (deliveries) => {
          options.signal?.removeEventListener('abort', abort);
          resolve(deliveries);
        },
      };
      options.signal?.addEventListener('abort', abort);
      const waiters = this.#waiters.get(endpoint);
      if (waiters) waiters.push(waiter);
      else this.#waiters.set(endpoint, [waiter]);
      this.#wakeUp.listen();
      this.#poll ??= setInterval(() => this.#pollAll(), pollMs);
    });
  }

  #waiterWithRoom(endpoint: string): Waiter | undefined {
    const waiters = this.#waiters.get(endpoint);
    return waiters?.find((waiter) => waiter.handed.length < waiter.max && !waiter.scanning);
  }

  #pollAll(): void {
    const now = performance.now();
    for (const [endpoint, waiters] of [...this.#waiters]) {
      for (const waiter of [...waiters]) {
        if (now >= waiter.deadline) this.#end(waiter);
      }
      this.#look(endpoint);
    }
  }

  #look(endpoint: string): void {
    const waiter = this.#waiterWithRoom(endpoint);
    if (!waiter || waiter.handed.length > 0) return;
    if (!this.#env.read(() => this.tables.lookVisible(endpoint, Date.now()))) return;
    waiter.scanning = true;
    this.#lease(endpoint, waiter.max, waiter.options).then(
      (found) => {
        waiter.scanning = false;
        if (found.length > 0) this.#finish(waiter, found);
      },
      // The next poll looks again; a store that stays broken fails the sends and acks loudly.
      () => {
        waiter.scanning = false;
      },
    );
  }

  /** Ends a wait with nothing; not one that a transaction under way is about to hand something to. */
  #end(waiter: Waiter): void {
    if (waiter.handed.length === 0 && !waiter.scanning) this.#finish(waiter, []);
    else waiter.deadline = 0;
  }

  #finish(waiter: Waiter, deliveries: Delivery[]): void {
    const waiters = this.#waiters.get(waiter.endpoint);
    const at = waiters?.indexOf(waiter) ?? -1;
    if (!waiters || at < 0) return;
    waiters.splice(at, 1);
    if (waiters.length === 0) this.#waiters.delete(waiter.endpoint);
    waiter.finish(deliveries);
  }

  #afterCommit(durable: boolean): void {
    const handing = this.#handing;
    this.#handing = [];
    const unclaimed = this.#unclaimed;
    this.#unclaimed = new Set();
    for (const waiter of handing) {
      if (durable) this.#finish(waiter, waiter.handed);
      else waiter.handed = [];
    }
    if (!durable || unclaimed.size === 0) return;
    for (const endpoint of unclaimed) this.#look(endpoint);
    this.#wakeUp.wake(unclaimed);
  }
}
