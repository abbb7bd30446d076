/** The intended times of a schedule alone: all that the pacer needs, a few numbers of memory. */
import type { LoadProfile } from '../profile/types.js';
import { Random, streams } from './random.js';
import { type PlannedStage, timeOf } from './rates.js';

/**
 * Walks the intended times in order. `index`, `atUs` and `stage` are those of the message that is
 * due next; past the last one `done` is true and `atUs` infinite.
 */
export class ArrivalCursor {
  index = -1;
  /** From the start of the load, microseconds. */
  atUs = Number.NEGATIVE_INFINITY;
  stage = 0;
  done = false;
  #withinStage = -1;
  #position = 0;
  #random: Random;
  readonly #stages: readonly PlannedStage[];
  readonly #poisson: boolean;
  readonly #seed: number;

  constructor(stages: readonly PlannedStage[], arrival: LoadProfile['arrival'], seed: number) {
    this.#stages = stages;
    this.#poisson = arrival === 'poisson';
    this.#seed = seed;
    this.#random = new Random(seed, streams.arrivals, 0);
    this.advance();
  }

  /** Moves to the next message. */
  advance(): void {
    this.index += 1;
    this.#withinStage += 1;
    let stage = this.#stages[this.stage];
    while (stage !== undefined && this.#withinStage >= stage.count) {
      this.#enter(this.stage + 1);
      stage = this.#stages[this.stage];
    }
    if (stage === undefined) {
      this.done = true;
      this.atUs = Number.POSITIVE_INFINITY;
      return;
    }
    this.atUs = timeOf(stage, this.#positionIn(stage));
  }

  #enter(stage: number): void {
    this.stage = stage;
    this.#withinStage = 0;
    this.#position = 0;
    this.#random = new Random(this.#seed, streams.arrivals, stage);
  }

  /**
   * Poisson arrivals of which `count` fall into the stage are `count` sorted uniform numbers; the
   * next of them, given the last, is drawn without holding the others.
   */
  #positionIn(stage: PlannedStage): number {
    if (!this.#poisson) return this.#withinStage / stage.count;
    const remaining = stage.count - this.#withinStage;
    const gap = -Math.expm1(Math.log(1 - this.#random.nextDouble()) / remaining);
    this.#position += (1 - this.#position) * gap;
    return this.#position;
  }
}
