/**
 * A worker's heartbeat: every five seconds it writes what it handled since the last one. What it costs a
 * message is a counter and a histogram's bucket; a beat that fails is left out.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { preciseNow } from '../clock.js';
import type { OncectlError } from '../errors.js';
import type { Delivery } from '../message.js';
import type { CommitTimes } from '../runtime/runtime.js';
import type { Cells } from './cells.js';
import { type EndpointPulse, type PulseError, RosterPlace } from './workers.js';

/** Latencies of one interval. */
export interface IntervalLatency {
  /** Microseconds; what is out of range is recorded at its end. */
  record(microseconds: number): void;
  /** The 99th percentile of what was recorded since the last call; null for nothing. */
  takeP99(): number | null;
}

export interface HeartbeatOptions {
  readonly cells: Cells;
  /** Name of the worker in the records that it writes. */
  readonly worker: string;
  /** Names of the endpoints that it handles. */
  readonly endpoints: readonly string[];
  readonly newLatency: () => IntervalLatency;
}

/** What the runtime's observer hands on. */
export interface Heartbeat {
  committed(delivery: Delivery, times: CommitTimes): void;
  failed(delivery: Delivery, error: OncectlError): void;
  unreceived(endpoint: string, error: OncectlError): void;
  /** Takes the worker off the roster; a store that is out of reach is no error. */
  stop(): Promise<void>;
}

/** How often a worker tells of itself. */
export const beatEveryMs = 5000;
const longestText = 200;

/** The first beat comes at once. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { cells, worker, endpoints, newLatency } = options;
  const counters = new Map(endpoints.map((name) => [name, new Counter(newLatency())]));
  const place = new RosterPlace(cells, randomUUID());
  const since = Date.now();
  const about = { name: worker, host: hostname(), pid: process.pid, since };
  let lastAt = performance.now();
  let beating: Promise<void> | null = null;
  const beat = () => {
    const seconds = (performance.now() - lastAt) / 1000;
    lastAt = performance.now();
    const pulses = [...counters].map(([name, counter]) => [name, counter.take(seconds)] as const);
    // The ports report a store that is out of reach.
    const pulse = { ...about, at: Date.now(), endpoints: Object.fromEntries(pulses) };
    const written = place.beat(pulse).catch(() => {});
    beating = written.then(() => {
      beating = null;
    });
  };
  const beatUnlessBusy = () => {
    if (beating === null) beat();
  };
  beat();
  const timer = setInterval(beatUnlessBusy, beatEveryMs);
  timer.unref();
  return {
    committed: ({ message }, { committedAt }) => {
      const { sentAt } = message.headers;
      counters.get(message.endpoint)?.committed(sentAt ? (committedAt - sentAt) * 1000 : null);
    },
    failed: ({ message }, error) => counters.get(message.endpoint)?.failed(message.id, error),
    unreceived: (endpoint, error) => counters.get(endpoint)?.failed(null, error),
    stop: async () => {
      clearInterval(timer);
      await beating;
      await place.leave().catch(() => {});
    },
  };
}

class Counter {
  readonly #latency: IntervalLatency;
  #handled = 0;
  #lastError: PulseError | null = null;

  constructor(latency: IntervalLatency) {
    this.#latency = latency;
  }

  committed(microseconds: number | null): void {
    this.#handled++;
    if (microseconds !== null) this.#latency.record(microseconds);
  }

  failed(messageId: string | null, { message }: OncectlError): void {
    const text = message.slice(0, longestText);
    this.#lastError = { at: Math.round(preciseNow()), text, messageId };
  }

  take(seconds: number): EndpointPulse {
    const handled = this.#handled;
    this.#handled = 0;
    const perSecond = seconds > 0 ? Math.round((handled / seconds) * 10) / 10 : 0;
    return { handled, perSecond, p99: this.#latency.takeP99(), lastError: this.#lastError };
  }
}
