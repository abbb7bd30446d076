/** Which executor carries out the items of a plan: a line for each action. */
import { OncectlError } from '../engine/errors.js';
import { discardExecutor } from './dead/discard.js';
import { editExecutor } from './dead/edit.js';
import { discardAction, retryAction } from './dead/plan-dead.js';
import { editAction } from './dead/plan-edit.js';
import { retryExecutor } from './dead/retry.js';
import { pruneAction, pruneExecutor } from './dedupe/prune.js';
import { foreignAction, foreignExecutor } from './foreign/plan.js';
import { repairAction } from './outbox/plan-repair.js';
import { repairExecutor } from './outbox/repair.js';
import { pauseExecutor, resumeExecutor } from './pause/inverse.js';
import { pauseAction, resumeAction } from './pause/pause.js';
import type { Executor } from './plan/executor.js';
import { restoreAction, restoreExecutor } from './restore/plan-restore.js';
import { deleteAction, quarantineAction } from './token/plan-sweep.js';
import {
  restoreAction as tokenRestoreAction,
  restoreExecutor as tokenRestoreExecutor,
} from './token/restore.js';
import { deleteExecutor, quarantineExecutor } from './token/sweep.js';

const executors: Readonly<Record<string, Executor>> = {
  [repairAction]: repairExecutor,
  [foreignAction]: foreignExecutor,
  [pauseAction]: pauseExecutor,
  [resumeAction]: resumeExecutor,
  [retryAction]: retryExecutor,
  [discardAction]: discardExecutor,
  [editAction]: editExecutor,
  [pruneAction]: pruneExecutor,
  [quarantineAction]: quarantineExecutor,
  [deleteAction]: deleteExecutor,
  [tokenRestoreAction]: tokenRestoreExecutor,
  [restoreAction]: restoreExecutor,
};

/** Refuses (`format`) the plan of an action that this version does not know. */
export function executorOf(action: string): Executor {
  const found = executors[action];
  if (found) return found;
  throw new OncectlError('format', `this oncectl cannot apply a plan of "${action}"`, {
    about: action,
    hint: 'it was made by another version',
  });
}
