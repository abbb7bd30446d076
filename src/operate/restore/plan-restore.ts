/** Puts the records of a backup back: planned, reviewed and applied as everything else. */
import { resolve } from 'node:path';
import type { Operation } from '../operation.js';
import type { Executor } from '../plan/executor.js';
import { makePlan, type Plan, type PlanItem, SkippedItems } from '../plan/plan.js';
import { backupLineAt, backupLines, type LineInFile } from './backup-file.js';
import { type Restorer, restorerOf } from './restorers.js';

export const restoreAction = 'restore';

/** What a plan saw of a line. */
interface Observed {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly kind: string;
  readonly sha256: string;
}

/**
 * Reads and checks the whole file first; the deployment is not looked at before the plan is applied.
 * Errors: `not-found`, `format` for a line that was damaged, `usage` for an endpoint that is not here.
 */
export async function planRestoreFile(
  operation: Operation,
  file: string,
  filter: Plan['filter'],
): Promise<Plan> {
  const path = resolve(file);
  const skipped = new SkippedItems();
  const items: PlanItem[] = [];
  for await (const found of backupLines(path)) {
    const { kind, endpoint, id } = found.line;
    const restorer = restorerOf(kind);
    // A payload that came from outside is of no endpoint.
    if (endpoint !== '') operation.endpoint(endpoint);
    if (restorer) items.push(itemOf(endpoint, path, found, restorer));
    else skipped.add(`this oncectl cannot put a "${kind}" back`, id, null);
  }
  return makePlan(operation, {
    ...{ action: restoreAction, filter, items, skipped: skipped.all(), now: Date.now() },
  });
}

function itemOf(
  endpoint: string,
  file: string,
  { line, offset, length }: LineInFile,
  { actions, effect, undo, rule }: Restorer,
): PlanItem {
  const observed: Observed = { file, offset, length, kind: line.kind, sha256: line.sha256 };
  return {
    ...{ endpoint, id: line.id, key: null, step: 'removed', observed: { ...observed } },
    ...{ actions, effect, undo, rule },
  };
}

export const restoreExecutor: Executor = {
  async execute(operation, { observed }) {
    const { file, offset, length, kind, sha256 } = observed as unknown as Observed;
    const line = await backupLineAt(file, { offset, length });
    const restorer = restorerOf(kind);
    if (!restorer || line.kind !== kind || line.sha256 !== sha256) {
      return {
        outcome: 'failed',
        error: 'the backup is another than the one that was planned with',
        next: `plan again: oncectl restore ${file}`,
      };
    }
    return restorer.restore(operation, line);
  },
};
