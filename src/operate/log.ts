/**
 * The log of what operators did, kept in the deployment's own store (`engine/control/log.ts`): an entry
 * before and an entry after. An intent without a result is an action that was cut short.
 */
import type { UndoNote } from './log-entry.js';
import type { Intent, Operation } from './operation.js';

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
