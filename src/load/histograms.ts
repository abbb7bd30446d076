/**
 * The one place that knows the histogram library. All histograms span 1 us to 1 h with 3 significant
 * digits; 0 is a value like any other. Recording ones are WebAssembly, which leaks even when
 * destroyed, so they are allocated once and kept in a pool. Sums are the JavaScript build, which
 * the garbage collector frees, with 64-bit counts.
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
  initWebAssemblySync,
} from 'hdr-histogram-js';
import type { LatencyPoint } from './latency.js';

export type { Histogram };

/** One hour, in microseconds. */
export const highestUs = 3_600_000_000;

const range = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: highestUs,
  numberOfSignificantValueDigits: 3,
  autoResize: false,
} as const;

/** Empty recording histograms, for use and for use again. About 95 KB each, never given back. */
export class HistogramPool {
  readonly #free: Histogram[] = [];

  take(): Histogram {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    initWebAssemblySync();
    return build({ ...range, bitBucketSize: 32, useWebAssembly: true });
  }

  /** `histogram` must be empty. */
  giveBack(histogram: Histogram): void {
    this.#free.push(histogram);
  }
}

/** An empty histogram whose counts are exact up to 2^53. */
export function newSum(): Histogram {
  return build({ ...range, bitBucketSize: 64, useWebAssembly: false });
}

export function encodeHistogram(histogram: Histogram): string {
  return encodeIntoCompressedBase64(histogram);
}

/** Throws what the library throws when `hdr` is not a V2 histogram. */
export function decodeHistogram(hdr: string): Histogram {
  return decodeFromCompressedBase64(hdr, 64, false, highestUs);
}

export function pointOf(histogram: Histogram): LatencyPoint {
  return {
    count: histogram.totalCount,
    p50: histogram.getValueAtPercentile(50),
    p90: histogram.getValueAtPercentile(90),
    p99: histogram.getValueAtPercentile(99),
    p999: histogram.getValueAtPercentile(99.9),
    max: histogram.maxValue,
  };
}

/** Of one interval after the other, with one histogram for all of them. */
export class HistogramOfInterval {
  readonly #histogram = new HistogramPool().take();

  /** Microseconds; what is out of range is recorded at its end. */
  record(us: number): void {
    this.#histogram.recordValue(Math.min(highestUs, Math.max(0, Math.round(us))));
  }

  /** 99th percentile of what was recorded since the last call, microseconds; null for nothing. */
  takeP99(): number | null {
    if (this.#histogram.totalCount === 0) return null;
    const p99 = this.#histogram.getValueAtPercentile(99);
    this.#histogram.reset();
    return p99;
  }
}
