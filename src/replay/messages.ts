/** What the conductor of a replay and its worker processes say to one another. */
import type { ProtocolName } from '../engine/protocols/names.js';

export interface WorkerConfig {
  readonly folder: string;
  readonly name: string;
  readonly protocol: ProtocolName;
  /** The wrong variant whose program runs in place of the protocol's. */
  readonly mutant: string | null;
  readonly visibilityMs: number;
}

/** How the next step is taken: whole; or its caller is told of a time-out; or only so much of a batch. */
export type How = 'whole' | 'times out' | { readonly first: number };

export type Order =
  | { readonly type: 'configure'; readonly config: WorkerConfig }
  | { readonly type: 'receive'; readonly messageId: string }
  | { readonly type: 'step'; readonly how: How }
  /** Leases are no longer prolonged; the worker lives on. */
  | { readonly type: 'lose-lease' }
  /** What timed out takes place now; or never. */
  | { readonly type: 'land'; readonly takesPlace: boolean }
  /** From here on the worker goes its own way. */
  | { readonly type: 'free' }
  /** To be answered once nothing is at work. */
  | { readonly type: 'rest' };

/** The answer to an order: the step that was taken, or what came in its place. */
export interface Report {
  readonly did: string;
}

/** Said in place of a step's name. */
export const words = {
  lostRace: 'lost the race',
  failed: 'failed',
  idle: 'nothing at work',
  received: 'received',
  none: 'nothing to receive',
} as const;
