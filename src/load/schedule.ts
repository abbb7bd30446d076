/**
 * The open-loop schedule: which message is due when, fixed in advance from (load, seed). Nothing of
 * it is held in memory: a cursor computes one message after the other, the same ones in every thread
 * and process. Times are microseconds from the start of the load.
 */
import { createHash } from 'node:crypto';
import type { LoadProfile } from '../profile/types.js';
import { ArrivalCursor } from './arrivals.js';
import { keyChooser, keyName } from './keys.js';
import { PayloadMaker } from './payload.js';
import { Random, streams } from './random.js';
import { type PlannedStage, planStages } from './rates.js';

/** One message of the schedule. */
export interface ScheduledMessage {
  readonly index: number;
  readonly stage: number;
  readonly atUs: number;
  readonly endpoint: string;
  readonly key: string;
  readonly bytes: number;
}

export interface Schedule extends Iterable<ScheduledMessage> {
  readonly load: LoadProfile;
  readonly seed: number;
  readonly runId: string;
  readonly stages: readonly PlannedStage[];
  /** Messages over all stages. */
  readonly total: number;
  readonly durationUs: number;
  /** A fresh walk from the first message on. */
  cursor(): MessageCursor;
  /** The body of a message: the same bytes for the same (seed, index). */
  body(index: number): Uint8Array;
  /** Number of the stage in which a time falls; the last one for a time after the end. */
  stageAt(atUs: number): number;
}

/** Fixes the schedule of a run. `runId` goes into the message ids alone, never into times or bodies. */
export function createSchedule(load: LoadProfile, seed: number, runId: string): Schedule {
  const stages = planStages(load.stages);
  const payloads = new PayloadMaker(seed, load.payloadBytes);
  const last = stages.at(-1);
  const cursor = () => new MessageCursor(stages, load, seed);
  return {
    load,
    seed,
    runId,
    stages,
    total: last === undefined ? 0 : last.firstIndex + last.count,
    durationUs: last?.endUs ?? 0,
    cursor,
    body: (index) => payloads.body(index),
    stageAt: (atUs) => stageAt(stages, atUs),
    *[Symbol.iterator]() {
      for (const at = cursor(); !at.done; at.advance()) {
        yield { ...at.current(), bytes: payloads.body(at.index).length };
      }
    },
  };
}

/** Number of the stage in which `atUs` falls; 0 before the start, the last one after the end. */
export function stageAt(stages: readonly { readonly endUs: number }[], atUs: number): number {
  const found = stages.findIndex(({ endUs }) => atUs < endUs);
  return found >= 0 ? found : Math.max(0, stages.length - 1);
}

/**
 * Walks the messages in order. The endpoints take turns when arrivals are uniform, so that each is
 * staggered against the others; when they are Poisson each message draws its endpoint, so that every
 * endpoint sees Poisson arrivals of its own.
 */
export class MessageCursor {
  readonly #arrivals: ArrivalCursor;
  readonly #endpoints: readonly string[];
  readonly #chooseEndpoint: () => number;
  readonly #chooseKey: () => number;
  endpoint = '';
  key = '';

  constructor(stages: readonly PlannedStage[], load: LoadProfile, seed: number) {
    this.#arrivals = new ArrivalCursor(stages, load.arrival, seed);
    this.#endpoints = load.enter;
    this.#chooseEndpoint = endpointChooser(load, seed, this.#arrivals);
    this.#chooseKey = keyChooser(load.keys, new Random(seed, streams.keys));
    this.#choose();
  }

  get index(): number {
    return this.#arrivals.index;
  }

  get stage(): number {
    return this.#arrivals.stage;
  }

  /** Infinite when `done`. */
  get atUs(): number {
    return this.#arrivals.atUs;
  }

  get done(): boolean {
    return this.#arrivals.done;
  }

  advance(): void {
    this.#arrivals.advance();
    this.#choose();
  }

  /** The message at hand as an object of its own. */
  current(): Omit<ScheduledMessage, 'bytes'> {
    const { index, stage, atUs, endpoint, key } = this;
    return { index, stage, atUs, endpoint, key };
  }

  #choose(): void {
    if (this.done) return;
    this.endpoint = this.#endpoints[this.#chooseEndpoint()] ?? '';
    this.key = keyName(this.#chooseKey());
  }
}

function endpointChooser(load: LoadProfile, seed: number, at: ArrivalCursor): () => number {
  const count = load.enter.length;
  if (load.arrival === 'uniform') return () => at.index % count;
  const random = new Random(seed, streams.endpoints);
  return () => random.integer(count);
}

/** What two schedules are compared by. */
export interface ScheduleDescription {
  readonly messages: number;
  readonly durationUs: number;
  /** SHA-256 over every message's index, time (all 64 bits of it), endpoint, key and body. */
  readonly sha256: string;
}

/** Walks the whole schedule; the same seed and load give the same hash, byte for byte. */
export function describeSchedule(schedule: Schedule): ScheduleDescription {
  const digest = createHash('sha256');
  const time = Buffer.alloc(8);
  for (const at = schedule.cursor(); !at.done; at.advance()) {
    time.writeDoubleBE(at.atUs);
    digest.update(`${at.index}\t${at.endpoint}\t${at.key}\t`).update(time);
    digest.update(schedule.body(at.index));
  }
  const { total: messages, durationUs } = schedule;
  return { messages, durationUs, sha256: digest.digest('hex') };
}
