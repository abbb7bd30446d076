/**
 * Records latencies, in microseconds, and hands them over interval by interval. Never corrected for
 * anything: they are measured from the intended time, and that is the correction.
 */
import { OncectlError } from '../engine/errors.js';
import {
  encodeHistogram,
  type Histogram,
  HistogramPool,
  highestUs,
  pointOf,
} from './histograms.js';
import type { Clamps, LatencyInterval, LatencyPoint, StageInterval } from './latency.js';

/** Named histograms, for one stage or one purpose. */
export class LatencyRecorder {
  readonly #histograms = new Map<string, Histogram>();
  readonly #pool: HistogramPool;
  #negative = 0;
  #above = 0;

  /** Recorders that come and go share a pool. */
  constructor(pool: HistogramPool = new HistogramPool()) {
    this.#pool = pool;
  }

  /**
   * Records `us`, rounded to whole microseconds. Negative values count as 0 and values over an hour
   * as an hour; both are counted in `clamps`. NaN is refused: it is a bug of the caller.
   */
  record(name: string, us: number): void {
    let value = Math.round(us);
    if (value < 0) {
      this.#negative += 1;
      value = 0;
    } else if (value > highestUs) {
      this.#above += 1;
      value = highestUs;
    } else if (Number.isNaN(value)) {
      throw new OncectlError('bug', `a latency is not a number: ${name}`, { about: name });
    }
    this.#histogram(name).recordValue(value);
  }

  /** Since the recorder was made. */
  get clamps(): Clamps {
    return { negative: this.#negative, above: this.#above };
  }

  /** This interval so far; null when nothing was recorded under that name. */
  point(name: string): LatencyPoint | null {
    const histogram = this.#histograms.get(name);
    return histogram === undefined ? null : pointOf(histogram);
  }

  /**
   * What was recorded since the last call, without the names that recorded nothing, and starts the
   * next interval. Takes about 0.1 ms for each name.
   */
  takeInterval(): Record<string, LatencyInterval> {
    const taken: Record<string, LatencyInterval> = {};
    for (const [name, histogram] of this.#histograms) {
      const count = histogram.totalCount;
      if (count === 0) {
        this.#histograms.delete(name);
        this.#pool.giveBack(histogram);
        continue;
      }
      taken[name] = { count, hdr: encodeHistogram(histogram) };
      histogram.reset();
    }
    return taken;
  }

  #histogram(name: string): Histogram {
    const known = this.#histograms.get(name);
    if (known !== undefined) return known;
    const histogram = this.#pool.take();
    this.#histograms.set(name, histogram);
    return histogram;
  }
}

/** Recorders by stage, and within a stage for all endpoints together and for each. */
export class StageRecorders {
  readonly #stages = new Map<number, LatencyRecorder>();
  readonly #endpoints = new Map<number, Map<string, LatencyRecorder>>();
  readonly #pool = new HistogramPool();

  /**
   * Records `us` under `name` for the stage as a whole and, when given, for the endpoint too. The
   * stage is the one in which the message's intended time falls (`stageAt`), whenever it is handled.
   */
  record(stage: number, name: string, us: number, endpoint?: string): void {
    this.#ofStage(stage).record(name, us);
    if (endpoint !== undefined) this.#ofEndpoint(stage, endpoint).record(name, us);
  }

  /** Over all stages; a value recorded for an endpoint as well counts once. */
  get clamps(): Clamps {
    const sum = { negative: 0, above: 0 };
    for (const { clamps } of this.#stages.values()) {
      sum.negative += clamps.negative;
      sum.above += clamps.above;
    }
    return sum;
  }

  /** This interval so far, all endpoints together; null when nothing was recorded. */
  point(stage: number, name: string): LatencyPoint | null {
    return this.#stages.get(stage)?.point(name) ?? null;
  }

  /** What was recorded since the last call; starts the next interval. */
  takeInterval(): StageInterval[] {
    const taken: StageInterval[] = [];
    for (const [stage, recorder] of this.#stages) {
      collect(taken, stage, null, recorder);
      for (const [endpoint, ofEndpoint] of this.#endpoints.get(stage) ?? []) {
        collect(taken, stage, endpoint, ofEndpoint);
      }
    }
    return taken;
  }

  #ofStage(stage: number): LatencyRecorder {
    const known = this.#stages.get(stage);
    if (known !== undefined) return known;
    const recorder = new LatencyRecorder(this.#pool);
    this.#stages.set(stage, recorder);
    return recorder;
  }

  #ofEndpoint(stage: number, endpoint: string): LatencyRecorder {
    const ofStage = this.#endpoints.get(stage) ?? new Map<string, LatencyRecorder>();
    this.#endpoints.set(stage, ofStage);
    const known = ofStage.get(endpoint);
    if (known !== undefined) return known;
    const recorder = new LatencyRecorder(this.#pool);
    ofStage.set(endpoint, recorder);
    return recorder;
  }
}

function collect(
  into: StageInterval[],
  stage: number,
  endpoint: string | null,
  recorder: LatencyRecorder,
): void {
  for (const [name, interval] of Object.entries(recorder.takeInterval())) {
    into.push({ stage, name, endpoint, ...interval });
  }
}
