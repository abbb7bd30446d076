/** The log as a list of actions: an intent and its result are one. */
import type { Actor } from './actor.js';
import type { LogEntry, UndoNote } from './log.js';
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
