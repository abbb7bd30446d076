/**
 * The endpoint runtime: receives, runs the protocol's program, acknowledges; any protocol, any backend.
 *
 * Owns: leases of what it received, order within an entity, retries. The programs own what happens to
 * a message, the ports own durability. Calls go runtime -> program -> interpreter -> ports.
 *
 * T1 A message is in at most one attempt at a time per copy; copies may run at once, the protocols are
 *    right with any number of them.
 * T2 Within a process the messages of one entity commit one after another, so that conflicts are for
 *    races between processes. (register-commit-publish: until its slot is cleared.)
 * T3 A lost race starts again at step 1 in place, with jitter, and is no failed attempt.
 * T4 A failed attempt of the handler counts; a store that cannot be reached does not.
 * T5 After `stop` nothing is received; what is in flight is finished, or released at its next step: a
 *    handler that takes longer is left to itself, and nothing comes of it.
 * T6 A paused endpoint receives nothing; what it has in hand it finishes.
 */
import { preciseNow } from '../clock.js';
import type { Cells } from '../control/cells.js';
import { watchPauses } from '../control/pauses.js';
import type { EffectKind } from '../effects.js';
import { asOncectlError, Conflict, type OncectlError } from '../errors.js';
import type { EndpointDefinition, SendLimits } from '../handler.js';
import { IdSource } from '../ids.js';
import type { Delivery, Failure, Message } from '../message.js';
import { pause } from '../pause.js';
import type { Ports } from '../ports.js';
import { deliver, type Protocol } from '../protocols/index.js';
import { EntityLocks } from './entity-locks.js';
import { type Onward, type Performer, perform } from './interpreter.js';
import { Leases } from './leases.js';

/** One endpoint with all it needs. */
export interface HostedEndpoint {
  readonly definition: EndpointDefinition;
  readonly protocol: Protocol;
  readonly ports: Ports;
  /** Of a bridge: where its messages go. Left out: to where they come from. */
  readonly onward?: Onward;
  readonly limits: SendLimits;
  /** Messages handled at a time. */
  readonly concurrency: number;
}

export interface RuntimeOptions {
  readonly worker: string;
  readonly endpoints: readonly HostedEndpoint[];
  /** Length of a lease, ms; prolonged while a message is at work. */
  readonly visibilityMs: number;
  readonly retentionMs: number;
  /** Failed attempts of the handler before the message becomes a dead letter. */
  readonly maxAttempts: number;
  /** First pause after a failed attempt, ms; doubles each time, at most a minute. */
  readonly backoffMs: number;
  readonly audit: boolean;
  /** Where an operator's pauses are kept; left out: nobody can pause this runtime. */
  readonly control?: Cells;
  readonly observer?: RuntimeObserver;
}

/** What a run wants to know, or do, at well-defined points. All optional, all called synchronously. */
export interface RuntimeObserver {
  /** Before anything is done with the deliveries. */
  received?(endpoint: string, deliveries: readonly Delivery[]): void;
  /** Between this step and the next. What it returns is awaited: here faults strike. */
  boundary?(delivery: Delivery, step: EffectKind): Promise<void> | undefined;
  /** True: the acknowledgement is left out, as if it had been lost. */
  dropsAck?(delivery: Delivery): boolean;
  /** Nothing can be received for now; it is tried again, ever more slowly. */
  unreceived?(endpoint: string, error: OncectlError): void;
  /** The payload was fetched: its body, or null when it is absent. */
  fetched?(delivery: Delivery, body: Uint8Array | null): void;
  /** True: the runtime leaves the delivery alone; whoever says so sees to its receipt. */
  diverts?(delivery: Delivery): boolean;
  /** This attempt's commit is durable, and these are the messages it promised to send. */
  committed?(delivery: Delivery, times: CommitTimes, outgoing: readonly Message[]): void;
  /** The delivery was brought to its end. */
  finished?(delivery: Delivery): void;
  conflicted?(delivery: Delivery, times: number): void;
  failed?(delivery: Delivery, error: OncectlError, what: 'released' | 'dead'): void;
  lostPayload?(delivery: Delivery): void;
}

/** Milliseconds since the epoch, with fractions. */
export interface CommitTimes {
  readonly receivedAt: number;
  readonly committedAt: number;
}

export interface Runtime {
  /** Deliveries at work. */
  inFlight(): number;
  /**
   * Freezes the worker as a long pause of its process would: nothing goes on past its next step,
   * nothing is received, no lease is prolonged. Returns the function that thaws it.
   */
  freeze(): () => void;
  /** The same copy once more, beside the one at work: the same row of a queue in the database. */
  deliverAgain(delivery: Delivery): void;
  /** Whether the lease of this delivery is still its own. */
  stillLeased(delivery: Delivery): Promise<boolean>;
  /** Stops receiving; waits up to `graceMs` for what is in flight, then releases the rest. */
  stop(graceMs?: number): Promise<void>;
}

const receiveWaitMs = 1000;
/**
 * Messages asked for at a time: a part of what may be at work, so that some are fetched while others are
 * handled and a backlog is shared among workers, and not so small a part that fetching sets the pace.
 */
const mostAtATime = (concurrency: number) => Math.max(64, Math.floor(concurrency / 4));
const longestBackoffMs = 60_000;
const retriesInPlace = 100;
const longestPauseDoublings = 6;
const longestPauseMs = 2000;

class Halted extends Error {}

/** Starts to handle messages; resolves nothing, rejects nothing: failures go to the observer. */
export function startRuntime(options: RuntimeOptions): Runtime {
  const hosts = options.endpoints.map((hosted) => new EndpointHost(hosted, options));
  for (const host of hosts) {
    // A worker that starts while its endpoint is paused must not take one message first.
    if (options.control) host.pause(true);
    host.start();
  }
  const watch =
    options.control &&
    watchPauses(options.control, (paused) => {
      for (const host of hosts) host.pause(paused.has(host.name));
    });
  const hostOf = (delivery: Delivery) =>
    hosts.find((host) => host.name === delivery.message.endpoint);
  return {
    inFlight: () => hosts.reduce((sum, host) => sum + host.inFlight, 0),
    freeze: () => {
      const thaws = hosts.map((host) => host.freeze());
      return () => {
        for (const thaw of thaws) thaw();
      };
    },
    deliverAgain: (delivery) => hostOf(delivery)?.take([delivery]),
    stillLeased: async (delivery) => (await hostOf(delivery)?.stillLeased(delivery)) ?? false,
    stop: async (graceMs = 5000) => {
      watch?.stop();
      await Promise.all(hosts.map((host) => host.stop(graceMs)));
    },
  };
}

class EndpointHost {
  readonly #hosted: HostedEndpoint;
  readonly #options: RuntimeOptions;
  readonly #observer: RuntimeObserver;
  readonly #ids = new IdSource();
  readonly #locks = new EntityLocks();
  readonly #leases: Leases;
  readonly #stopping = new AbortController();
  readonly #active = new Set<Promise<void>>();
  #halted = false;
  /** Handlers at work: what to call when nobody waits for them any more. */
  readonly #handling = new Set<() => void>();
  #frozen: Promise<void> | null = null;
  /** Ends the pause; null when the endpoint is not paused. */
  #resume: (() => void) | null = null;
  #paused: Promise<void> | null = null;
  /** Ends the receive under way: at a stop, and when the worker freezes. */
  #waiting = new AbortController();
  #receiving: Promise<void> = Promise.resolve();
  #roomAgain: (() => void) | null = null;

  constructor(hosted: HostedEndpoint, options: RuntimeOptions) {
    this.#hosted = hosted;
    this.#options = options;
    this.#observer = options.observer ?? {};
    this.#leases = new Leases(hosted.ports.broker, options.visibilityMs);
  }

  get name(): string {
    return this.#hosted.definition.name;
  }

  get inFlight(): number {
    return this.#active.size;
  }

  freeze(): () => void {
    let thaw = () => {};
    this.#frozen = new Promise((resolve) => {
      thaw = resolve;
    });
    this.#leases.stop();
    this.#waiting.abort();
    return () => {
      this.#frozen = null;
      this.#waiting = new AbortController();
      this.#leases.start();
      thaw();
    };
  }

  /** T6. The receive under way is ended: it may not take one more message. */
  pause(isPaused: boolean): void {
    if (!isPaused) {
      this.#resume?.();
      this.#resume = null;
      this.#paused = null;
      return;
    }
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
    this.#waiting.abort();
    if (!this.#stopping.signal.aborted) this.#waiting = new AbortController();
  }

  stillLeased(delivery: Delivery): Promise<boolean> {
    return this.#leases.isHeld(delivery);
  }

  start(): void {
    this.#leases.start();
    this.#receiving = this.#receive();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#waiting.abort();
    this.#resume?.();
    this.#roomAgain?.();
    await this.#receiving;
    const done = Promise.all(this.#active);
    const timer = setTimeout(() => {
      this.#halted = true;
      for (const leave of this.#handling) leave();
    }, graceMs);
    await done;
    clearTimeout(timer);
    this.#leases.stop();
  }

  async #receive(): Promise<void> {
    const { ports, definition, concurrency } = this.#hosted;
    const { visibilityMs: visibility, worker } = this.#options;
    const { signal } = this.#stopping;
    let troubles = 0;
    while (!signal.aborted) {
      if (this.#frozen) await this.#frozen;
      if (this.#paused) {
        await this.#paused;
        continue;
      }
      const room = Math.min(concurrency - this.#active.size, mostAtATime(concurrency));
      if (room <= 0) {
        await this.#waitForRoom();
        continue;
      }
      try {
        const options = { visibility, wait: receiveWaitMs, worker, signal: this.#waiting.signal };
        this.take(await ports.broker.receive(definition.name, room, options));
        troubles = 0;
      } catch (error) {
        this.#observer.unreceived?.(definition.name, asOncectlError(error));
        await pause(Math.min(longestBackoffMs, 50 * 2 ** troubles++), signal);
      }
    }
  }

  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#roomAgain = resolve;
    });
  }

  take(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    const receivedAt = preciseNow();
    this.#observer.received?.(this.#hosted.definition.name, deliveries);
    for (const delivery of deliveries) {
      if (this.#observer.diverts?.(delivery)) continue;
      const work = this.#process(delivery, receivedAt).finally(() => {
        this.#active.delete(work);
        this.#roomAgain?.();
        this.#roomAgain = null;
      });
      this.#active.add(work);
    }
  }

  async #process(delivery: Delivery, receivedAt: number): Promise<void> {
    this.#leases.hold(delivery);
    try {
      await this.#attempts(delivery, receivedAt);
      this.#observer.finished?.(delivery);
    } catch (error) {
      await this.#giveBack(delivery, error).catch(() => {
        // Not even the release got through: the lease ends by itself.
      });
    } finally {
      this.#leases.drop(delivery);
    }
  }

  /**
   * T3: starts again at step 1 for as long as it is races that stop it. The key stays locked while
   * it pauses, or the worker's next message of that key would take its place at once and two
   * workers, each registering in between the other's register and commit, would hold each other up
   * without end. The pause grows from what an attempt takes: on a slow disk that is what must fit.
   */
  async #attempts(delivery: Delivery, receivedAt: number): Promise<void> {
    const unlock = await this.#locks.lock(delivery.message.key);
    try {
      for (let lost = 0; ; lost++) {
        const startedAt = preciseNow();
        try {
          await this.#attempt(delivery, receivedAt, unlock);
          return;
        } catch (error) {
          if (!(error instanceof Conflict) || lost >= retriesInPlace) throw error;
          this.#observer.conflicted?.(delivery, lost + 1);
          const tookMs = Math.max(1, preciseNow() - startedAt);
          const longestMs = tookMs * 2 ** Math.min(lost + 1, longestPauseDoublings);
          await pause(Math.random() * Math.min(longestMs, longestPauseMs));
        }
      }
    } finally {
      unlock();
    }
  }

  async #attempt(delivery: Delivery, receivedAt: number, unlock: () => void): Promise<void> {
    const { message } = delivery;
    const heldToTheEnd = this.#hosted.protocol.name === 'register-commit-publish';
    const by = this.#performer(delivery, receivedAt, () => {
      if (!heldToTheEnd) unlock();
    });
    const program = deliver(this.#hosted.protocol, message);
    let next = program.next();
    while (!next.done) {
      const effect = next.value;
      if (effect.kind === 'ack') {
        unlock();
        if (this.#observer.dropsAck?.(delivery)) return;
      }
      const work = perform(effect, by);
      const result = await (effect.kind === 'handle' ? this.#unlessHalted(work) : work);
      const fault = this.#observer.boundary?.(delivery, effect.kind);
      if (fault) await fault;
      if (this.#frozen) await this.#frozen;
      if (this.#halted && effect.kind !== 'ack') throw new Halted();
      next = program.next(result);
    }
  }

  /** A handler may never end; only its own effects are lost when it is left. */
  #unlessHalted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => reject(new Halted());
      this.#handling.add(leave);
      work.then(resolve, reject).finally(() => this.#handling.delete(leave));
    });
  }

  #performer(delivery: Delivery, receivedAt: number, onCommitted: () => void): Performer {
    const { ports, onward = ports, definition, limits } = this.#hosted;
    const { worker, retentionMs, audit } = this.#options;
    return {
      worker,
      ports,
      onward,
      definition,
      limits,
      ids: this.#ids,
      retentionMs,
      audit,
      delivery,
      receipt: () => this.#leases.receipt(delivery),
      onCommitted: (outgoing) => {
        onCommitted();
        this.#observer.committed?.(delivery, { receivedAt, committedAt: preciseNow() }, outgoing);
      },
      onBody: (body) => this.#observer.fetched?.(delivery, body),
      onLostPayload: () => this.#observer.lostPayload?.(delivery),
    };
  }

  /** T4: counts what the handler did, lets pass what the stores did. */
  async #giveBack(delivery: Delivery, thrown: unknown): Promise<void> {
    const { broker } = this.#hosted.ports;
    const { name } = this.#hosted.definition;
    const receipt = await this.#leases.receipt(delivery);
    if (thrown instanceof Halted) {
      await broker.release(name, receipt, { delay: 0 });
      return;
    }
    const error = asOncectlError(thrown);
    const attempts = delivery.failures.length + 1;
    const backoff = Math.min(longestBackoffMs, this.#options.backoffMs * 2 ** (attempts - 1));
    if (!countsAsAttempt(error)) {
      this.#observer.failed?.(delivery, error, 'released');
      await broker.release(name, receipt, { delay: this.#options.backoffMs });
      return;
    }
    const failure = failureOf(error, this.#options.worker);
    const isLast = attempts >= this.#options.maxAttempts;
    this.#observer.failed?.(delivery, error, isLast ? 'dead' : 'released');
    if (isLast) await broker.deadLetter(name, receipt, failure);
    else await broker.release(name, receipt, { delay: backoff, failure });
  }
}

function countsAsAttempt(error: OncectlError): boolean {
  return ['handler', 'invalid-message', 'too-large', 'bug'].includes(error.kind);
}

function failureOf(error: OncectlError, worker: string): Failure {
  const source = error.cause instanceof Error ? error.cause : error;
  return {
    at: Date.now(),
    worker,
    error: error.message,
    ...(source.stack === undefined ? {} : { stack: source.stack }),
  };
}
