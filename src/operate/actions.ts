/** The log as a list of actions: an intent and its result are one. */
import { type Actor, actorText } from './actor.js';
import type { LogEntry, UndoNote } from './log-entry.js';
import type { Operation } from './operation.js';

export interface LoggedAction {
  /** What `undo` takes: number of the result, or of the intent that has none. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** null: it is at work still, or was cut short. */
  readonly endedAt: number | null;
  readonly actor: Actor;
  readonly action: string;
  readonly about: string;
  readonly reason: string | null;
  readonly planId: string | null;
  /** By outcome; null without a result. */
  readonly counts: Readonly<Record<string, number>> | null;
  readonly undo: UndoNote | null;
}

/** From the newest to the oldest. A result stands where it was written, its intent nowhere. */
export async function* loggedActions({ log }: Pick<Operation, 'log'>): AsyncIterable<LoggedAction> {
  const withResult = new Map<number, number>();
  const waiting: { readonly id: number; readonly entry: LogEntry }[] = [];
  const begunAt = new Map<number, number>();
  for await (const { number, value } of log.newestFirst()) {
    if (value.phase === 'result') {
      if (value.intent !== null) withResult.set(value.intent, number);
      waiting.push({ id: number, entry: value });
    } else if (withResult.has(number)) begunAt.set(number, value.at);
    else waiting.push({ id: number, entry: value });
    yield* ready(waiting, begunAt);
  }
  for (const { id, entry } of waiting) yield actionOf(id, entry, entry.at);
}

/** A result waits until its intent, which is older, was read. */
function* ready(
  waiting: { readonly id: number; readonly entry: LogEntry }[],
  begunAt: Map<number, number>,
): Iterable<LoggedAction> {
  for (let first = waiting[0]; first; first = waiting[0]) {
    const { id, entry } = first;
    const began = entry.intent === null ? entry.at : begunAt.get(entry.intent);
    if (began === undefined) return;
    waiting.shift();
    if (entry.intent !== null) begunAt.delete(entry.intent);
    yield actionOf(id, entry, began);
  }
}

function actionOf(id: number, entry: LogEntry, begunAt: number): LoggedAction {
  const { actor, action, about, reason, planId, counts, undo } = entry;
  const endedAt = entry.phase === 'result' ? entry.at : null;
  return { id, begunAt, endedAt, actor, action, about, reason, planId, counts, undo };
}

export interface ActionQuery {
  /** User, or user@host; null: all. */
  readonly actor: string | null;
  /** Whole, or its first part: `dead`. */
  readonly action: string | null;
  readonly planId: string | null;
  /** Begun so recently, ms. */
  readonly sinceMs: number | null;
  readonly limit: number;
}

export interface ActionPage {
  /** From the newest to the oldest. */
  readonly actions: readonly LoggedAction[];
  /** Older ones match as well. */
  readonly truncated: boolean;
}

/** Reads no further than it has to. */
export async function listActions(
  operation: Pick<Operation, 'log'>,
  query: ActionQuery,
): Promise<ActionPage> {
  const since = query.sinceMs === null ? 0 : Date.now() - query.sinceMs;
  const actions: LoggedAction[] = [];
  for await (const action of loggedActions(operation)) {
    // An action that is older may have ended later: only where neither is recent, all older ones are not.
    if (Math.max(action.begunAt, action.endedAt ?? 0) < since) break;
    if (action.begunAt < since || !matches(action, query)) continue;
    if (actions.length === query.limit) return { actions, truncated: true };
    actions.push(action);
  }
  return { actions, truncated: false };
}

function matches(
  { actor, action, planId }: LoggedAction,
  query: Pick<ActionQuery, 'actor' | 'action' | 'planId'>,
): boolean {
  const isWho = query.actor === null || [actor.user, actorText(actor)].includes(query.actor);
  const isWhat =
    query.action === null || action === query.action || action.startsWith(`${query.action}.`);
  return isWho && isWhat && (query.planId === null || planId === query.planId);
}
