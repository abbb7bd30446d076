/** Intervals of many processes and seconds, added up exactly. */
import { OncectlError } from '../engine/errors.js';
import { decodeHistogram, encodeHistogram, newSum, pointOf } from './histograms.js';
import type { LatencyPoint, LatencySummary } from './latency.js';

/** Adding loses nothing: the sum has the bucket counts that one recorder of everything would have. */
export class HistogramSum {
  #sum = newSum();

  /** `hdr`: HdrHistogram V2, base64. Refuses anything else with a `format` error. */
  add(hdr: string): void {
    this.#sum.add(decode(hdr));
  }

  /** Percentiles so far, for a view: 0.03 ms. */
  point(): LatencyPoint {
    return pointOf(this.#sum);
  }

  /** Percentiles and the sum itself, encoded. */
  summary(): LatencySummary {
    return { unit: 'us', ...pointOf(this.#sum), hdr: encodeHistogram(this.#sum) };
  }

  /** Forgets everything; for the percentiles of one interval over several processes. */
  reset(): void {
    this.#sum.reset();
  }
}

function decode(hdr: string): ReturnType<typeof decodeHistogram> {
  try {
    return decodeHistogram(hdr);
  } catch (cause) {
    throw new OncectlError('format', 'this is not an HdrHistogram in V2 encoding', {
      about: hdr.slice(0, 16),
      hint: 'the interval file was damaged or written by another program',
      cause,
    });
  }
}
