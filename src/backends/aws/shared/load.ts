/**
 * Whether this process is saturated: its event loop was busy nearly all the time. Then everything
 * waits anyway, and gathering fuller batches costs no latency but saves requests.
 */
import { performance } from 'node:perf_hooks';

const sampledEveryMs = 250;
const saturatedFrom = 0.85;

export class Load {
  #last = performance.eventLoopUtilization();
  #sampledAt = performance.now();
  #share = 0;

  isSaturated(): boolean {
    const now = performance.now();
    if (now - this.#sampledAt >= sampledEveryMs) {
      const present = performance.eventLoopUtilization();
      this.#share = performance.eventLoopUtilization(present, this.#last).utilization;
      this.#last = present;
      this.#sampledAt = now;
    }
    return this.#share >= saturatedFrom;
  }
}
