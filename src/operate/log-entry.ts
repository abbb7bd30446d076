/** An entry of the log of what operators did. */
import type { Actor } from './actor.js';

export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: Actor;
  /** The command with dots: `outbox.repair`. */
  readonly action: string;
  readonly phase: 'intent' | 'result';
  /** Of a result: number of the entry that announced it. */
  readonly intent: number | null;
  readonly planId: string | null;
  readonly reason: string | null;
  /** What it is about, in a few words: "212 entries of payments", "endpoint orders". */
  readonly about: string;
  /** Of a result: what came of it, by outcome; null for an intent. */
  readonly counts: Readonly<Record<string, number>> | null;
  /** What `undo` needs; null when it cannot be undone. */
  readonly undo: UndoNote | null;
}

/** How an action is undone: by which command's plan, from what. */
export interface UndoNote {
  readonly action: string;
  /** File with the records that were destroyed, where there were any. */
  readonly backup: string | null;
  readonly data: unknown;
}
