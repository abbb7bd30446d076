/**
 * Ids of entering messages: 10 characters for the millisecond of the intended time, 8 for the run, 8
 * for the index. A retry has the same id because nothing else goes into it; sorted by time like
 * every id of the engine.
 */
import { hash } from 'node:crypto';
import { encode } from '../engine/ids.js';

const tagPattern = /^[0-9A-HJKMNP-TV-Z]{8}$/;

/** The 8 characters that stand for a run: the run id itself when it is 8 Crockford digits. */
export function runTag(runId: string): string {
  if (tagPattern.test(runId)) return runId;
  return encode(Number.parseInt(hash('sha256', runId, 'hex').slice(0, 10), 16), 8);
}

/** Makes the ids of one run. */
export class MessageIds {
  readonly #tag: string;
  #ms = -1;
  #prefix = '';
  #high = -1;
  #highText = '';

  constructor(runId: string) {
    this.#tag = runTag(runId);
  }

  /** `intendedAt`: ms since the epoch. `index`: 0 to 2^40 - 1. */
  id(index: number, intendedAt: number): string {
    const ms = Math.floor(intendedAt);
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#prefix = encode(ms, 10) + this.#tag;
    }
    const high = Math.floor(index / 1024);
    if (high !== this.#high) {
      this.#high = high;
      this.#highText = encode(high, 6);
    }
    return this.#prefix + this.#highText + (lastTwo[index % 1024] ?? '');
  }
}

const lastTwo = Array.from({ length: 1024 }, (_, value) => encode(value, 2));
