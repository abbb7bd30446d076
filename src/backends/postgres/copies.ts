/**
 * Numbers of queue copies: a block of 2^24 is drawn from a sequence, and counted through in memory. So
 * no two processes ever make the same, and none comes again after a crash.
 */
import { OncectlError } from '../../engine/errors.js';

const blockSize = 2 ** 24;

export class Copies {
  #next = 0;
  #end = 0;

  /** True when a new block should be drawn, long before the present one ends. */
  get isLow(): boolean {
    return this.#end - this.#next < blockSize / 2;
  }

  /** Goes on with this block; what is left of the one before is never used. */
  use(block: number): void {
    this.#next = block * blockSize;
    this.#end = this.#next + blockSize;
  }

  next(): number {
    if (this.#next >= this.#end) {
      throw new OncectlError('bug', 'no number is left for a queue copy', { happened: 'no' });
    }
    return this.#next++;
  }
}
