/**
 * Sweeps one payload, in two steps that may lie days apart: a record in the quarantine, then export and
 * deletion; the record says that it began, so that nobody lifts a quarantine under a deletion. Killed anywhere, either is safe to repeat: a record that is there stays as it is; a payload
 * that is gone is not exported, and its record goes. Two operators may sweep at once: the export is
 * made by both at worst, the deletion of what is gone is no error, and the record goes once.
 */
import type { PayloadOrigin } from '../../engine/ports.js';
import { actorText } from '../actor.js';
import type { ExecuteContext, Executor, ItemOutcome } from '../plan/executor.js';
import type { PlanItem } from '../plan/plan.js';
import { payloadStoreOf } from './payloads.js';
import type { Proof } from './proof.js';
import {
  beginDeletion,
  endQuarantine,
  type Quarantined,
  quarantine,
  quarantineOf,
} from './quarantine.js';
import { recheck } from './recheck.js';

/** What a plan saw of a payload. */
interface Observed {
  readonly origin: PayloadOrigin;
  readonly island: string;
  readonly proof: Proof;
}

export const quarantineExecutor: Executor = {
  undoesWithoutBackup: true,
  async execute(operation, item, { boundary }) {
    const { origin, proof } = item.observed as unknown as Observed;
    const checked = await recheck(operation, item.id, origin);
    if ('instead' in checked) return checked.instead;
    await boundary?.('recheck');
    const { island } = checked.payload;
    const by = actorText(operation.actor);
    const since = Date.now();
    const record: Quarantined = { since, by, proof, origin, island };
    const result = await quarantine(operation.cells, item.id, record);
    await boundary?.('quarantine');
    if (result === 'done') return { outcome: 'done', sends: 0 };
    if (result === 'full') return { outcome: 'skipped', rule: 'the quarantine is full' };
    const known = await quarantineOf(operation.cells, item.id);
    return { outcome: 'yielded', to: known ? `${known.by} quarantined it` : 'it was swept' };
  },
};

export const deleteExecutor: Executor = {
  async execute(operation, item, context) {
    const { cells } = operation;
    const record = item.observed as unknown as Quarantined;
    const checked = await recheck(operation, item.id, record.origin);
    await context.boundary?.('recheck');
    if ('instead' in checked && checked.instead.outcome !== 'yielded') return checked.instead;
    const by = actorText(operation.actor);
    if (!(await beginDeletion(cells, item.id, record.since, by))) {
      return { outcome: 'yielded', to: 'its quarantine was ended meanwhile' };
    }
    await context.boundary?.('begin-deletion');
    const store = payloadStoreOf(operation, record.island);
    const body = await store.get(item.id);
    const at = 'payload' in checked ? checked.payload.at : null;
    if (body !== null) await exportBody(item, { ...record, store: store.name, at, body }, context);
    await store.delete(item.id);
    await context.boundary?.('delete');
    const ended = await endQuarantine(cells, item.id, record.since);
    await context.boundary?.('end-quarantine');
    return ended ? { outcome: 'done', sends: 0 } : alsoDeleted;
  },
};

const alsoDeleted: ItemOutcome = { outcome: 'yielded', to: 'somebody else deleted it as well' };

/** What a line of a backup of kind `payload` holds. */
export interface PayloadRecord {
  readonly origin: PayloadOrigin;
  /** Name of the payload store. */
  readonly store: string;
  readonly island: string;
  /** When it was put, ms since the epoch; null when that is not known any more. */
  readonly at: number | null;
  readonly body: Uint8Array;
}

async function exportBody(
  { endpoint, id }: PlanItem,
  { origin, store, island, at, body }: PayloadRecord,
  { backup, boundary }: ExecuteContext,
): Promise<void> {
  const record: PayloadRecord = { origin, store, island, at, body };
  await backup.keep('payload', endpoint, id, record);
  await boundary?.('export');
}
