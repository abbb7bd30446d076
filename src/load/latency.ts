/** What is said about latencies: names and shapes, shared by everyone who records or shows them. */

/** Percentiles in microseconds; all 0 when nothing was recorded. */
export interface LatencyPoint {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LatencySummary extends LatencyPoint {
  readonly unit: 'us';
  /** HdrHistogram V2, base64: runs merge exactly. */
  readonly hdr: string;
}

/** One histogram of one interval, as it travels between processes and into `intervals.ndjson`. */
export interface LatencyInterval {
  readonly count: number;
  /** HdrHistogram V2, base64. */
  readonly hdr: string;
}

/** An interval with what it is about. */
export interface StageInterval extends LatencyInterval {
  readonly stage: number;
  readonly name: string;
  /** null: all endpoints together. */
  readonly endpoint: string | null;
}

/** Values that were out of range; recorded all the same, at the end of the range they passed. */
export interface Clamps {
  readonly negative: number;
  readonly above: number;
}
