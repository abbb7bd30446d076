/**
 * Whether this process or the service behind it is saturated: its event loop was busy nearly all the
 * time, or answers take long. Then everything waits anyway, and gathering fuller batches costs little
 * latency but saves requests.
 */
import { performance } from 'node:perf_hooks';

const sampledEveryMs = 250;
const saturatedFrom = 0.85;
/** Answers that take longer on average say that the service is behind, or far away, ms. */
const slowFromMs = 40;
/** Share of the newest answer in the average. */
const newest = 0.1;

export class Load {
  #last = performance.eventLoopUtilization();
  #sampledAt = performance.now();
  #share = 0;
  #answerMs = 0;

  /** Hands the call on and notes how long its answer took. */
  async timed<T>(call: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await call();
    } finally {
      this.#answerMs += newest * (performance.now() - began - this.#answerMs);
    }
  }

  isSaturated(): boolean {
    const now = performance.now();
    if (now - this.#sampledAt >= sampledEveryMs) {
      const present = performance.eventLoopUtilization();
      this.#share = performance.eventLoopUtilization(present, this.#last).utilization;
      this.#last = present;
      this.#sampledAt = now;
    }
    return this.#share >= saturatedFrom || this.#answerMs >= slowFromMs;
  }
}
