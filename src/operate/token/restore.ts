/** Takes a sweep back: before the deletion the quarantine is lifted, after it the body is put back. */
import { OncectlError } from '../../engine/errors.js';
import { isoTime } from '../../engine/iso-time.js';
import { checkPrefix, uniqueId } from '../ids.js';
import type { Operation } from '../operation.js';
import type { Executor } from '../plan/executor.js';
import { makePlan, type Plan, type PlanItem } from '../plan/plan.js';
import { restorePayload } from '../restore/payload.js';
import { type BackedUp, findBackedUp } from './backups.js';
import { liftQuarantine, type Quarantined, quarantined } from './quarantine.js';

export const restoreAction = 'token.restore';

/**
 * `asked`: ids, or what they begin with. `from`: file or folder of backups. Errors: `usage`, `not-found`,
 * `ambiguous`, `format`.
 */
export async function planRestore(
  operation: Operation,
  asked: readonly string[],
  from: string,
): Promise<Plan> {
  for (const prefix of asked) checkPrefix(prefix);
  const records = await quarantined(operation.cells);
  const backedUp = await findBackedUp(from, asked);
  const ids = [...new Set([...records.keys(), ...backedUp.keys()])];
  const items = asked.map((prefix) => {
    const like = ids.filter((id) => id.startsWith(prefix));
    if (like.length === 0) throw unknown(prefix, from);
    const id = uniqueId(prefix, like);
    return itemOf(id, records.get(id), backedUp.get(id));
  });
  return planOf(operation, items, { ids: asked, from });
}

function planOf(operation: Operation, items: readonly PlanItem[], filter: Plan['filter']): Plan {
  return makePlan(operation, {
    action: restoreAction,
    filter,
    items,
    skipped: [],
    now: Date.now(),
  });
}

function itemOf(
  id: string,
  record: Quarantined | undefined,
  backedUp: BackedUp | undefined,
): PlanItem {
  const common = {
    id,
    key: null,
    undo: 'yes',
    effect: { sends: 0, writes: 1, deletes: 0 },
  } as const;
  if (record && !record.deletion) {
    return {
      ...common,
      ...{ endpoint: record.origin.endpoint, step: 'quarantined', observed: { ...record } },
      actions: ['lift-quarantine'],
      rule: `it is in quarantine since ${isoTime(record.since)}`,
    };
  }
  if (!backedUp) throw unknown(id, 'the backups');
  const { file, line } = backedUp;
  return {
    ...common,
    ...{ endpoint: line.endpoint, step: 'deleted', observed: { file, sha256: line.sha256 } },
    actions: ['put-payload'],
    rule: `it was deleted, and ${file} has it`,
  };
}

function unknown(id: string, from: string): OncectlError {
  return new OncectlError('not-found', `"${id}" is neither in quarantine nor in ${from}`, {
    about: id,
    hint: 'oncectl token list --quarantined shows what is; --from names another backup',
  });
}

export const restoreExecutor: Executor = {
  async execute(operation, item, { boundary }) {
    if (item.step === 'deleted') return putBack(operation, item);
    const result = await liftQuarantine(operation.cells, item.id);
    await boundary?.('lift-quarantine');
    if (result === 'done') return { outcome: 'done', sends: 0 };
    const to = result === 'none' ? 'it is not in quarantine any more' : 'its deletion began';
    return { outcome: 'yielded', to };
  },
};

async function putBack(operation: Operation, { id, observed }: PlanItem) {
  const file = String(observed['file']);
  const found = (await findBackedUp(file, [id])).get(id);
  if (found && found.line.sha256 === observed['sha256']) {
    return restorePayload(operation, found.line);
  }
  throw new OncectlError('not-found', 'the backup does not have the payload any more', {
    about: file,
    hint: 'plan again with --from FILE',
  });
}
