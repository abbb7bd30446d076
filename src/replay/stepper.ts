/**
 * Holds a real endpoint runtime back, so that it takes one step of its protocol at a time. It stands
 * in front of the ports and behind the runtime's observer; the runtime, the programs and the stores
 * are the ones of production.
 */
import { OncectlError } from '../engine/errors.js';
import type { Delivery } from '../engine/message.js';
import type { Broker, Island, Ports, ReceiveOptions } from '../engine/ports.js';
import type { RuntimeObserver } from '../engine/runtime/runtime.js';
import { type How, words } from './messages.js';

const longestWaitMs = 5000;

export class Stepper {
  readonly #tell: (did: string) => void;
  /** What the order that is not yet answered asks for. */
  #asked: 'step' | 'message' | null = null;
  #isFree = false;
  /** The next operation is the first of an attempt: no boundary stands before it. */
  #isAtStart = true;
  #how: How = 'whole';
  #first = 0;
  #hasLostLease = false;
  #atWork = 0;
  /** Programs that wait for their next step, the one received last at the end. */
  #waiting: Array<() => void> = [];
  #wanted: ((messageId: string | null) => void) | null = null;
  #order: string | null = null;
  #held: Array<() => Promise<unknown>> = [];
  #atRest: (() => void) | null = null;

  constructor(tell: (did: string) => void) {
    this.#tell = tell;
  }

  receive(messageId: string): void {
    this.#asked = 'message';
    this.#hasLostLease = false;
    this.#go('whole');
    if (this.#wanted) this.#wanted(messageId);
    else this.#order = messageId;
  }

  step(how: How): void {
    this.#asked = 'step';
    if (this.#atWork === 0) this.#answer(words.idle);
    else this.#go(how);
  }

  loseLease(): void {
    this.#hasLostLease = true;
  }

  /** The write that timed out: now, or never. Answers how it went. */
  async land(takesPlace: boolean): Promise<string> {
    const held = this.#held;
    this.#held = [];
    if (!takesPlace) return 'never lands';
    const all = await Promise.allSettled(held.map((run) => run()));
    return all.some(({ status }) => status === 'rejected') ? words.lostRace : 'lands late';
  }

  free(): void {
    this.#isFree = true;
    this.#hasLostLease = false;
    this.#how = 'whole';
    for (const goOn of this.#waiting.splice(0)) goOn();
    this.#wanted?.(null);
  }

  /** Resolves when nothing is at work. */
  async rest(): Promise<void> {
    if (this.#atWork > 0) {
      await new Promise<void>((resolve) => {
        this.#atRest = resolve;
      });
    }
  }

  readonly observer: RuntimeObserver = {
    received: (_endpoint, deliveries) => {
      this.#atWork += deliveries.length;
    },
    // The handler is no step of its own: it runs in memory, on the way to the next one.
    boundary: (_delivery, step) => (step === 'handle' ? undefined : this.#stop(step)),
    conflicted: () => {
      this.#isAtStart = true;
      this.#answer(words.lostRace);
    },
    failed: (_delivery, error) => this.#ended(`${words.failed}: ${error.message}`),
    finished: () => this.#ended(words.idle),
  };

  /** The ports, each operation of which waits for its step. */
  around({ broker, business, dedupe, payload, island }: Ports): Ports {
    return {
      broker: this.#aroundBroker(broker),
      business: {
        load: (...args) => this.#read(() => business.load(...args)),
        commit: (...args) => this.#write(() => business.commit(...args)),
        settle: (...args) => this.#write(() => business.settle(...args)),
        listPending: (...args) => business.listPending(...args),
      },
      dedupe: {
        has: (...args) => this.#read(() => dedupe.has(...args)),
        add: (...args) => this.#write(() => dedupe.add(...args)),
      },
      payload: {
        name: payload.name,
        get: (...args) => this.#read(() => payload.get(...args)),
        put: (...args) => this.#write(() => payload.put(...args)),
        delete: (...args) => this.#write(() => payload.delete(...args)),
      },
      ...(island ? { island: this.#aroundIsland(island) } : {}),
    };
  }

  #aroundBroker(broker: Broker): Broker {
    return {
      send: (messages, options) => this.#sendPart(broker, messages, options),
      receive: (endpoint, max, options) => this.#receive(broker, endpoint, max, options),
      ack: (...args) => this.#write(() => broker.ack(...args)),
      release: (...args) => broker.release(...args),
      extend: (...args) => {
        if (!this.#hasLostLease) return broker.extend(...args);
        throw new OncectlError('unreachable', 'the lease is not prolonged', { happened: 'no' });
      },
      deadLetter: (...args) => broker.deadLetter(...args),
      depth: (...args) => broker.depth(...args),
      listDead: (...args) => broker.listDead(...args),
      redrive: (...args) => broker.redrive(...args),
    };
  }

  #aroundIsland(island: Island): Island {
    return {
      enter: (...args) => this.#write(() => island.enter(...args)),
      transact: (...args) => this.#write(() => island.transact(...args)),
    };
  }

  async #sendPart(broker: Broker, ...[messages, options]: Parameters<Broker['send']>) {
    await this.#begin();
    if (typeof this.#how !== 'object') {
      return this.#write(() => broker.send(messages, options));
    }
    await broker.send(messages.slice(0, this.#how.first), options);
    return this.#neverEnds();
  }

  async #read<T>(run: () => Promise<T>): Promise<T> {
    await this.#begin();
    return run();
  }

  async #write<T>(run: () => Promise<T>): Promise<T> {
    await this.#begin();
    if (this.#how === 'times out') {
      this.#held.push(run);
      throw new OncectlError('timeout', 'no answer in time', { happened: 'unknown' });
    }
    if (typeof this.#how !== 'object') return run();
    const left = this.#how.first - this.#first++;
    if (left <= 0) return this.#neverEnds();
    const result = await run();
    return left === 1 ? this.#neverEnds() : result;
  }

  /** The rest of a batch of which only a part takes place: the worker is killed here. */
  #neverEnds(): Promise<never> {
    this.#answer('a part of it');
    return new Promise(() => {});
  }

  async #begin(): Promise<void> {
    if (!this.#isAtStart) return;
    this.#isAtStart = false;
    await this.#permission();
  }

  #stop(step: string): Promise<void> {
    this.#answer(step);
    return this.#permission();
  }

  #permission(): Promise<void> {
    if (this.#isFree) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #go(how: How): void {
    this.#how = how;
    this.#first = 0;
    this.#waiting.pop()?.();
  }

  #ended(did: string): void {
    this.#atWork--;
    this.#isAtStart = true;
    if (this.#atWork === 0) this.#atRest?.();
    this.#answer(did);
  }

  /** Tells what was asked for; what happens besides, as the end of the message before, is not told. */
  #answer(did: string, to: 'step' | 'message' = 'step'): void {
    if (this.#asked !== to) return;
    this.#asked = null;
    this.#tell(did);
  }

  async #receive(
    broker: Broker,
    endpoint: string,
    max: number,
    options: ReceiveOptions,
  ): Promise<Delivery[]> {
    if (this.#isFree) return broker.receive(endpoint, max, options);
    const wanted = this.#order ?? (await this.#nextOrder());
    this.#order = null;
    if (wanted === null) return [];
    const until = Date.now() + longestWaitMs;
    for (;;) {
      const all = await broker.receive(endpoint, 64, { ...options, wait: 100 });
      const chosen = all.find(({ message }) => message.id === wanted);
      for (const other of all) {
        if (other !== chosen) await broker.release(endpoint, other.receipt, { delay: 0 });
      }
      if (chosen) this.#isAtStart = true;
      if (chosen || Date.now() > until) {
        this.#answer(chosen ? words.received : words.none, 'message');
        return chosen ? [chosen] : [];
      }
    }
  }

  #nextOrder(): Promise<string | null> {
    return new Promise((resolve) => {
      this.#wanted = (messageId) => {
        this.#wanted = null;
        resolve(messageId);
      };
    });
  }
}
