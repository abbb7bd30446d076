/**
 * The broker on PostgreSQL. A receiver that finds nothing waits here: what is sent in this process is
 * handed to it as it is queued (`waiters.ts`); what another process sends announces itself by a
 * notification; what both miss (leases that ended, delays that passed, a lost notification) the poll
 * finds. All endpoints of a process share the round trips of their looks into the queues.
 *
 * An endpoint is `fresh` when something may have become visible since the last look began. Nobody
 * looks into a queue that is not.
 */
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
import type { Copies } from './copies.js';
import { Fronts } from './fronts.js';
import { type Arrivals, HandOver, packMessages } from './hand-over.js';
import type { Lane } from './lane.js';
import { checkMessages, pack, unpackFailures, unpackHex } from './records.js';
import { acknowledge } from './statements/acknowledge.js';
import { bury } from './statements/bury.js';
import { depth } from './statements/depth.js';
import { extend } from './statements/extend.js';
import { listDead } from './statements/list-dead.js';
import { type Held, readReceipt, receiptText } from './statements/receipt.js';
import { type LeasedRow, receive } from './statements/receive.js';
import { redrive } from './statements/redrive.js';
import { release } from './statements/release.js';
import { sendStatement } from './statements/send.js';
import { Claim, type Waiter, Waiters } from './waiters.js';
import type { WakeUp } from './wake-up.js';

export interface Lanes {
  /** Durable writes. */
  readonly write: Lane;
  readonly read: Lane;
  /** Leases and notifications: a crash of the server may take them back, and nothing is lost. */
  readonly lease: Lane;
}

/** How often a waiting receiver looks for what no notification told. */
const pollMs = 100;

export class PostgresBroker implements Broker, Arrivals {
  readonly handOver: HandOver;
  readonly #lanes: Lanes;
  readonly #copies: Copies;
  readonly #wakeUp: WakeUp;
  readonly #waiters = new Waiters();
  readonly #send: ReturnType<typeof sendStatement>;
  /** Endpoints that somebody received from here. */
  readonly #hosted = new Set<string>();
  readonly #fresh = new Set<string>();
  readonly #fronts = new Fronts();
  #poll: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(lanes: Lanes, copies: Copies, wakeUp: WakeUp) {
    this.#lanes = lanes;
    this.#copies = copies;
    this.#wakeUp = wakeUp;
    this.handOver = new HandOver(copies, this.#waiters, this);
    this.#send = sendStatement(this.handOver);
    wakeUp.onWake = (endpoints) => this.#wake(endpoints);
    wakeUp.onMissed = () => this.#wake([...this.#hosted]);
  }

  /** The statement that this broker's messages are sent by, for preparing it. */
  get sendStatement() {
    return this.#send;
  }

  async send(messages: readonly Message[], options: SendOptions = {}): Promise<void> {
    checkMessages(messages);
    if (messages.length === 0) return;
    const op = { packed: packMessages(messages), delayMs: options.delay ?? 0 };
    await this.#lanes.write.submit(this.#send, op, 'now');
  }

  async receive(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    if (options.signal?.aborted || this.#closed) return [];
    if (options.wait <= 0) return (await this.#lease(endpoint, max, options, 0)).found;
    if (!this.#hosted.has(endpoint)) {
      this.#hosted.add(endpoint);
      this.#fresh.add(endpoint);
    }
    return this.#wait(endpoint, max, options);
  }

  async ack(endpoint: string, receipt: string): Promise<void> {
    const held = heldBy(endpoint, receipt);
    if (held) await this.#lanes.write.submit(acknowledge, held, 'soon');
  }

  async release(endpoint: string, receipt: string, options: ReleaseOptions): Promise<void> {
    const held = heldBy(endpoint, receipt);
    if (!held) return;
    const { delay: delayMs, failure } = options;
    const op = { ...held, delayMs, failure: failure ? pack(failure) : null };
    await this.#lanes.write.submit(release, op, 'now');
    if (delayMs === 0) this.unclaimed([endpoint]);
  }

  async extend(endpoint: string, receipt: string, visibility: number): Promise<Lease | null> {
    const held = heldBy(endpoint, receipt);
    if (!held) return null;
    const leaseEnd = Date.now() + visibility;
    const op = { ...held, visibilityMs: visibility };
    const isHeld = await this.#lanes.write.submit(extend, op, 'now');
    return isHeld ? { receipt, leaseEnd } : null;
  }

  async deadLetter(endpoint: string, receipt: string, reason: Failure): Promise<void> {
    const held = heldBy(endpoint, receipt);
    if (held) await this.#lanes.write.submit(bury, { ...held, reason: pack(reason) }, 'now');
  }

  depth(endpoint: string): Promise<QueueDepth> {
    return this.#lanes.read.submit(depth, endpoint, 'now');
  }

  async listDead(endpoint: string, after: string | null, limit: number): Promise<DeadLetter[]> {
    const op = { endpoint, after: after === null ? -1 : Number(after), limit };
    return [...(await this.#lanes.read.submit(listDead, op, 'now'))];
  }

  async redrive(endpoint: string, receipt: string): Promise<boolean> {
    const deadCopy = Number(receipt);
    if (!Number.isSafeInteger(deadCopy)) return false;
    const op = { endpoint, deadCopy, newCopy: this.#copies.next() };
    const isBack = await this.#lanes.write.submit(redrive, op, 'now');
    if (isBack) this.unclaimed([endpoint]);
    return isBack;
  }

  /** Ends every wait with nothing. */
  close(): void {
    this.#closed = true;
    if (this.#poll) clearInterval(this.#poll);
    this.#poll = null;
    for (const waiter of this.#waiters.all()) this.#waiters.end(waiter);
  }

  unclaimed(endpoints: Iterable<string>): void {
    for (const endpoint of endpoints) {
      this.#fresh.add(endpoint);
      this.#look(endpoint);
      this.#wakeUp.wake(endpoint, this.#hosted.has(endpoint));
    }
  }

  waitOn(waiters: readonly Waiter[]): void {
    for (const { endpoint } of waiters) this.#look(endpoint);
  }

  async #lease(endpoint: string, max: number, options: ReceiveOptions, from: number) {
    const leaseEnd = Date.now() + options.visibility;
    const { visibility: visibilityMs, worker } = options;
    const op = { endpoint, max, from, visibilityMs, worker };
    const rows = await this.#lanes.lease.submit(receive, op, 'at once');
    return {
      found: rows.map((row) => deliveryOf(row, leaseEnd)),
      lastDue: rows.reduce((last, [due]) => Math.max(last, Number(due)), 0),
    };
  }

  #wait(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    return new Promise((resolve) => {
      const abort = () => this.#waiters.end(waiter);
      const waiter: Waiter = {
        endpoint,
        max,
        options,
        deadline: performance.now() + options.wait,
        claim: null,
        planned: 0,
        handed: [],
        resolve: (deliveries) => {
          options.signal?.removeEventListener('abort', abort);
          resolve(deliveries);
        },
      };
      options.signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
      this.#poll ??= setInterval(() => this.#pollAll(), pollMs);
      this.#look(endpoint);
    });
  }

  #wake(endpoints: readonly string[]): void {
    for (const endpoint of endpoints) {
      if (!this.#hosted.has(endpoint)) continue;
      this.#fresh.add(endpoint);
      this.#look(endpoint);
    }
  }

  #pollAll(): void {
    const now = performance.now();
    for (const waiter of this.#waiters.all()) {
      if (now >= waiter.deadline) this.#waiters.end(waiter);
    }
    for (const endpoint of this.#hosted) this.#fresh.add(endpoint);
    for (const endpoint of [...this.#waiters.endpoints()]) this.#look(endpoint);
  }

  /** Leases for a waiter what is visible, when something may be. */
  #look(endpoint: string): void {
    if (!this.#fresh.has(endpoint) || this.#closed) return;
    const claim = new Claim();
    const waiter = this.#waiters.claim(endpoint, claim);
    if (!waiter) return;
    this.#fresh.delete(endpoint);
    const from = this.#fronts.begin(endpoint);
    this.#lease(endpoint, waiter.max, waiter.options, from)
      .then(
        ({ found, lastDue }) => {
          waiter.handed = found;
          const isFull = found.length >= waiter.max;
          if (isFull) this.#fronts.moveTo(endpoint, lastDue);
          else this.#fronts.reset(endpoint);
          if (isFull || from > 0) this.#fresh.add(endpoint);
          else if (!this.#fresh.has(endpoint)) this.#wakeUp.forget(endpoint);
        },
        // The next poll looks again; a store that stays broken fails the sends and acks loudly.
        () => {},
      )
      .finally(() => {
        this.waitOn(this.#waiters.settle(claim));
        this.#look(endpoint);
      });
  }
}

function heldBy(endpoint: string, text: string): Held | null {
  const receipt = readReceipt(text);
  return receipt && { endpoint, receipt };
}

function deliveryOf([due, copy, receives, failures, message]: LeasedRow, leaseEnd: number) {
  const receipt = { due: Number(due), copy: Number(copy), receives: Number(receives) };
  return {
    message: unpackHex<Message>(message ?? ''),
    receipt: receiptText(receipt),
    receives: receipt.receives,
    leaseEnd,
    failures: unpackFailures(failures),
  };
}
