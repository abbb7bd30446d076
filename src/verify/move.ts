import type { Violation } from './history.js';
import type { Layout } from './layout.js';

/** Who makes a move. */
export interface Who {
  /** 1 is the first worker; 0: nobody's, the world's, or a repair's. */
  readonly worker: number;
  /** 1 is the first repair; left out: it was none. */
  readonly repair?: number;
}

/** What happened, for a trace: by whom, what, and what was special about it. */
export interface Move extends Who {
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

/** How a trace names it: `w1`, `r1`, `world`. */
export function nameOf({ worker, repair }: Who): string {
  if (repair !== undefined) return `r${repair}`;
  return worker === 0 ? 'world' : `w${worker}`;
}

/** By actor, the world's 0 before them. */
export function whoOf({ workers, actors }: Layout): Who[] {
  return Array.from({ length: actors + 1 }, (_, actor) =>
    actor <= workers ? { worker: actor } : { worker: 0, repair: actor - workers },
  );
}
