/**
 * Receives for one endpoint and one length of lease. The long polls outlive the receives that wait for
 * them, since one that is broken off may swallow what SQS was about to hand out:
 *  L1 a receive that ends leaves its poll; what the poll brings goes to the next receive;
 *  L2 what nobody asks for within a moment, or after an abort at once, is released;
 *  L3 one poll while the queue is nearly empty; another one whenever they come back full;
 *  L4 an idle endpoint costs one request in 20 seconds, however short its receives wait.
 */
import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Delivery } from '../../../engine/message.js';
import type { Load } from '../shared/load.js';
import { batchItems, longestPollSeconds, secondsOf } from './limits.js';

/** One call to SQS: up to `max` copies within so many seconds. Rejects as `OncectlError`. */
export type Poll = (
  max: number,
  pollSeconds: number,
  signal?: AbortSignal,
) => Promise<readonly Delivery[]>;

export interface PollerOptions {
  readonly poll: Poll;
  /** Makes copies visible again that nobody took. */
  readonly giveBack: (deliveries: readonly Delivery[]) => void;
  /** A receive began or ended to wait. */
  readonly onWaiting: () => void;
  readonly load: Load;
}

interface Waiter {
  readonly max: number;
  readonly waitMs: number;
  readonly resolve: (deliveries: Delivery[]) => void;
  readonly reject: (error: unknown) => void;
}

const mostPolls = 8;
/** Full polls in a row that call for one more at a time: each of them will once come back empty. */
const growsAfter = 3;
/** How long copies wait for the next receive, ms. */
const holdMs = 500;
/** How much of the queue may be fetched ahead of the receives, as time at the present rate, s. */
const aheadSeconds = 0.2;
/** How long a saturated process lets messages gather before it polls again, ms. */
const gatherMs = 100;
/** At close, how long an answer may be on its way before the poll is broken off, ms. */
const graceMs = 200;

export class Poller {
  readonly #options: PollerOptions;
  readonly #waiters: Waiter[] = [];
  readonly #polls = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #asked = 0;
  #parallel = 1;
  #fullInARow = 0;
  #isIdle = false;
  #isStopped = false;
  #ahead: Delivery[] = [];
  #holdTimer: NodeJS.Timeout | null = null;
  #gatherTimer: NodeJS.Timeout | null = null;
  /** Deliveries a second, of late. */
  #rate = 0;
  #ratedAt = performance.now();

  constructor(options: PollerOptions) {
    this.#options = options;
    // Every poll and each of its attempts listens.
    setMaxListeners(0, this.#closing.signal);
  }

  get isWaiting(): boolean {
    return this.#waiters.length > 0;
  }

  receive(max: number, waitMs: number, signal?: AbortSignal): Promise<Delivery[]> {
    if (signal?.aborted || this.#closing.signal.aborted) return Promise.resolve([]);
    this.#isStopped = false;
    const ready = this.#takeAhead(max);
    if (ready.length > 0) {
      this.#pump();
      return Promise.resolve(ready);
    }
    return waitMs <= 0 ? this.#now(max, signal) : this.#wait(max, waitMs, signal);
  }

  /** Ends every wait with nothing, then every poll; what they bring is released. */
  async close(): Promise<void> {
    this.#isStopped = true;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve([]);
    if (this.#gatherTimer) clearTimeout(this.#gatherTimer);
    this.#giveBackAhead();
    const timer = setTimeout(() => this.#closing.abort(), graceMs);
    await Promise.all(this.#polls);
    clearTimeout(timer);
    this.#closing.abort();
  }

  /** Short polls until one is not full. They ask some servers of SQS only, and may miss a message. */
  async #now(max: number, signal?: AbortSignal): Promise<Delivery[]> {
    const found: Delivery[] = [];
    while (found.length < max) {
      const asked = Math.min(batchItems, max - found.length);
      const more = await this.#options.poll(asked, 0, this.#closing.signal);
      found.push(...more);
      if (more.length < asked) break;
    }
    if (!signal?.aborted && !this.#isStopped) return found;
    this.#options.giveBack(found);
    return [];
  }

  #wait(max: number, waitMs: number, signal?: AbortSignal): Promise<Delivery[]> {
    return new Promise((resolve, reject) => {
      const end = (deliveries: Delivery[]) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        resolve(deliveries);
      };
      const fail = (error: unknown) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        reject(error);
      };
      const waiter: Waiter = { max, waitMs, resolve: end, reject: fail };
      const leave = (isAbort: boolean) => {
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
        this.#isStopped ||= isAbort && this.#waiters.length === 0;
        this.#options.onWaiting();
        end([]);
      };
      const abort = () => leave(true);
      const timer = setTimeout(() => leave(false), waitMs);
      signal?.addEventListener('abort', abort);
      this.#waiters.push(waiter);
      this.#options.onWaiting();
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#gatherTimer) return;
    let room = this.#waiters.reduce((sum, { max }) => sum + max, 0);
    if (room === 0) return;
    // L3. When messages come fast, the next receive is near: whole batches are fetched.
    room = Math.max(room, Math.min(batchItems, Math.floor(this.#rate * aheadSeconds)));
    while (this.#polls.size < this.#parallel && this.#asked < room) {
      this.#start(Math.min(batchItems, room - this.#asked));
    }
  }

  #start(asked: number): void {
    this.#asked += asked;
    const poll = this.#poll(asked).finally(() => {
      this.#asked -= asked;
      this.#polls.delete(poll);
      this.#pump();
    });
    this.#polls.add(poll);
  }

  async #poll(asked: number): Promise<void> {
    try {
      const found = await this.#options.poll(asked, this.#pollSeconds(), this.#closing.signal);
      this.#adapt(asked, found.length);
      this.#hand([...found]);
    } catch (error) {
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    }
  }

  /** L4: as long as the receive waits, and for as long as SQS allows once nothing came. */
  #pollSeconds(): number {
    if (this.#isIdle) return longestPollSeconds;
    const longest = Math.max(1000, ...this.#waiters.map(({ waitMs }) => waitMs));
    return Math.min(longestPollSeconds, secondsOf(longest));
  }

  /** L3. */
  #adapt(asked: number, found: number): void {
    this.#isIdle = found === 0;
    this.#fullInARow = found === batchItems ? this.#fullInARow + 1 : 0;
    if (found === 0) this.#parallel = 1;
    else if (found < asked / 2) this.#parallel = Math.max(1, this.#parallel - 1);
    else if (this.#fullInARow % growsAfter === growsAfter - 1) {
      this.#parallel = Math.min(mostPolls, this.#parallel + 1);
    }
    this.#measure(found);
    const isFull = found === 0 || found === asked;
    if (isFull || this.#gatherTimer || !this.#options.load.isSaturated()) return;
    this.#gatherTimer = setTimeout(() => {
      this.#gatherTimer = null;
      this.#pump();
    }, gatherMs);
  }

  #measure(found: number): void {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#ratedAt) / 1000);
    const weight = Math.min(1, seconds);
    this.#rate = this.#rate * (1 - weight) + (found / seconds) * weight;
    this.#ratedAt = now;
  }

  /** To those that wait, in their order; the rest is for the next receive (L1), or goes back (L2). */
  #hand(found: Delivery[]): void {
    while (found.length > 0) {
      const waiter = this.#waiters.shift();
      if (!waiter) break;
      waiter.resolve(found.splice(0, waiter.max));
    }
    this.#options.onWaiting();
    if (found.length === 0) return;
    this.#ahead.push(...found);
    if (this.#isStopped) this.#giveBackAhead();
    else this.#holdTimer ??= setTimeout(() => this.#giveBackAhead(), holdMs);
  }

  #takeAhead(max: number): Delivery[] {
    const taken = this.#ahead.splice(0, max);
    if (this.#ahead.length === 0) this.#stopHolding();
    const now = Date.now();
    const fresh = taken.filter(({ leaseEnd }) => leaseEnd - now > holdMs);
    if (fresh.length < taken.length) {
      this.#options.giveBack(taken.filter(({ leaseEnd }) => leaseEnd - now <= holdMs));
    }
    return fresh;
  }

  #giveBackAhead(): void {
    this.#stopHolding();
    if (this.#ahead.length > 0) this.#options.giveBack(this.#ahead.splice(0));
  }

  #stopHolding(): void {
    if (this.#holdTimer) clearTimeout(this.#holdTimer);
    this.#holdTimer = null;
  }
}
