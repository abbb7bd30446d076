/** What a simulated store may answer, and the parts of which a batch may be left behind. */
import type { Message } from '../engine/message.js';
import type { Violation } from './history.js';

/** One thing that may happen when an effect is performed. */
export interface Answer {
  /** `conflict`: the driver starts the program again. */
  readonly result: unknown | typeof conflict;
  /** Position in the row, and the number to write there; the pairs one behind the other. */
  readonly writes: readonly number[];
  /** Messages for other endpoints under test. */
  readonly sends: readonly Message[];
  readonly violation: Violation | null;
  /** Said in the trace behind the step's name. */
  readonly note: string;
  /** Only part of a batch took place, so that the worker cannot have lived on. */
  readonly isPartial: boolean;
}

export const conflict: unique symbol = Symbol('conflict');

export const lost: Answer = {
  ...{ result: conflict, writes: [], sends: [], violation: null, note: 'lost the race' },
  isPartial: false,
};

export function done(result: unknown, writes: readonly number[] = []): Answer {
  return { result, writes, sends: [], violation: null, note: '', isPartial: false };
}

/** The whole batch, and every part of it that a crash may leave behind. */
export function parts<T>(all: readonly T[]): Array<{ part: readonly T[]; note: string }> {
  const found: Array<{ part: readonly T[]; note: string }> = [{ part: all, note: '' }];
  for (let chosen = 1; chosen < (1 << all.length) - 1; chosen++) {
    const part = all.filter((_, at) => (chosen >> at) & 1);
    found.push({ part, note: `${part.length} of ${all.length}` });
  }
  return found;
}
