/**
 * The log of what operators did, kept in the deployment's own store (`engine/control/log.ts`): an entry
 * before and an entry after. An intent without a result is an action that was cut short.
 */
import type { Actor } from './actor.js';
import type { Intent, Operation } from './operation.js';

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

export interface Announced {
  readonly planId: string | null;
  readonly about: string;
}

export interface Done {
  readonly counts: Readonly<Record<string, number>>;
  readonly undo: UndoNote | null;
}

/**
 * Asks for permission, writes the intent, acts, writes the result. When `act` fails, the intent stands
 * alone, and `status` tells of it. Resolves with what `act` did and the number of its log entry.
 */
export async function logged<T>(
  operation: Operation,
  intent: Intent,
  announced: Announced,
  act: () => Promise<{ readonly result: T; readonly done: Done }>,
): Promise<{ readonly result: T; readonly logId: number }> {
  operation.permit(intent);
  const common = { actor: operation.actor, ...intent, ...announced };
  const intentId = await operation.log.append({
    ...common,
    ...{ at: Date.now(), phase: 'intent', intent: null, counts: null, undo: null },
  });
  const { result, done } = await act();
  const logId = await operation.log.append({
    ...common,
    ...{ at: Date.now(), phase: 'result', intent: intentId, ...done },
  });
  return { result, logId };
}
