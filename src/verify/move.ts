import type { Violation } from './history.js';

/** What happened, for a trace: by whom, what, and what was special about it. */
export interface Move {
  /** 1 is the first worker; 0: nobody's, the world's. */
  readonly worker: number;
  readonly what: string;
  readonly note: string;
}

/** Tells a move. The row is used again for the next; `isFair`: see `World.fairMove`. */
export type Emit = (
  row: Uint32Array,
  move: Move,
  violation: Violation | null,
  isFair: boolean,
) => void;
