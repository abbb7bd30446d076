/** Undoes a logged action by a plan of its inverse: a line for each action that has one. */
import { OncectlError } from '../engine/errors.js';
import { editAction } from './dead/plan-edit.js';
import type { LogEntry, UndoNote } from './log-entry.js';
import type { Operation } from './operation.js';
import { type PauseNote, planPause, planResume } from './pause/inverse.js';
import { pauseAction, resumeAction } from './pause/pause.js';
import type { Plan } from './plan/plan.js';
import { itemsDone } from './plan/progress.js';
import { planRestoreFile } from './restore/plan-restore.js';
import { quarantineAction } from './token/plan-sweep.js';
import { quarantined } from './token/quarantine.js';
import { planRestore } from './token/restore.js';

type Inverse = (operation: Operation, note: UndoNote, filter: Plan['filter']) => Promise<Plan>;

const inverses: Readonly<Record<string, Inverse>> = {
  [pauseAction]: async (operation, { data }, filter) =>
    planResume(operation, data as PauseNote, filter),
  [resumeAction]: async (operation, { data }, filter) =>
    planPause(operation, data as PauseNote, filter),
  [quarantineAction]: planLift,
};

/** What keeps an action from being undone although its records were kept. */
const irreversible: Readonly<Record<string, string>> = {
  [editAction]: 'the edited message was sent in its place',
};

/**
 * The plan that undoes what the log's entry tells: of a result, or of the intent that it belongs to.
 * Writes nothing. Errors: `not-found`; `refused` for what cannot be undone.
 */
export async function planUndo(operation: Operation, logId: number): Promise<Plan> {
  const { entry, number } = await resultOf(operation, logId);
  const { undo, action } = entry;
  const why = irreversible[action];
  if (undo === null || why !== undefined) throw cannot(number, entry, why ?? reasonWhy(entry));
  const filter = { undoes: number };
  const inverse = inverses[action];
  if (inverse) return inverse(operation, undo, filter);
  if (undo.backup !== null) return planRestoreFile(operation, undo.backup, filter);
  throw cannot(number, entry, 'this version of oncectl does not know how');
}

/** Lifts the quarantine of what the plan of the note put there and is there still. */
async function planLift(operation: Operation, { data }: UndoNote): Promise<Plan> {
  const { planId } = data as { readonly planId: string };
  const [done, records] = await Promise.all([
    itemsDone(operation.cells, planId),
    quarantined(operation.cells),
  ]);
  const there = done.filter((id) => records.get(id) && !records.get(id)?.deletion);
  return planRestore(operation, there, '');
}

async function resultOf(
  { log }: Operation,
  logId: number,
): Promise<{ readonly entry: LogEntry; readonly number: number }> {
  const entry = await log.entry(logId);
  if (entry === null) {
    throw new OncectlError('not-found', `the log has no entry ${logId}`, {
      about: `log entry ${logId}`,
      hint: 'oncectl log lists them',
    });
  }
  if (entry.phase === 'result') return { entry, number: logId };
  for await (const { number, value } of log.newestFirst()) {
    if (number <= logId) break;
    if (value.intent === logId) return { entry: value, number };
  }
  throw new OncectlError('refused', `${entry.action} has no result: it was cut short`, {
    about: `log entry ${logId}`,
    hint: 'bring it to its end first: oncectl apply PLAN --resume; what was exported lies in its --backup',
  });
}

function cannot(number: number, { action }: LogEntry, why: string): OncectlError {
  return new OncectlError('refused', `${action} cannot be undone: ${why}`, {
    about: `log entry ${number}`,
    hint: 'nothing was changed',
  });
}

function reasonWhy({ counts }: LogEntry): string {
  if ((counts?.['done'] ?? 0) === 0) return 'it changed nothing';
  return 'what it sent is sent, and nothing that it destroyed was kept';
}
