/** What became of a plan's items since it was made. Reads only. */
import { readPauses } from '../../engine/control/pauses.js';
import { isoTime } from '../../engine/iso-time.js';
import { discardAction, retryAction } from '../dead/plan-dead.js';
import { editAction } from '../dead/plan-edit.js';
import { pruneAction } from '../dedupe/prune.js';
import { exactRecord } from '../dedupe/records.js';
import type { Operation } from '../operation.js';
import { repairAction } from '../outbox/plan-repair.js';
import { pauseAction, resumeAction } from '../pause/pause.js';
import { payloadStoreOf } from '../token/payloads.js';
import { deleteAction, quarantineAction } from '../token/plan-sweep.js';
import { quarantineOf } from '../token/quarantine.js';
import type { Plan, PlanItem } from './plan.js';
import { Progress } from './progress.js';

export interface ComparedItem {
  readonly endpoint: string;
  readonly id: string;
  /** Where it stood when the plan was made. */
  readonly planned: string;
  /** Where it stands; null: what such a plan is about cannot be looked at. */
  readonly now: string | null;
  /** By this plan; null: it was not applied to this item. */
  readonly applied: string | null;
  readonly moved: boolean;
}

export interface PlanComparison {
  readonly items: readonly ComparedItem[];
  /** null: the deployment is the one planned for, with the same programs. */
  readonly foreign: string | null;
  readonly expired: boolean;
}

/** Where the item stands now. `gone`: nothing of it is left where it was. */
type Look = (operation: Operation, item: PlanItem) => Promise<string>;

const lookers: Readonly<Record<string, Look>> = {
  [repairAction]: entryNow,
  [retryAction]: letterNow,
  [discardAction]: letterNow,
  [editAction]: letterNow,
  [quarantineAction]: tokenNow,
  [deleteAction]: tokenNow,
  [pruneAction]: recordNow,
  [pauseAction]: pauseNow,
  [resumeAction]: pauseNow,
};

const atATime = 16;

/** Rejects with the stores' errors. */
export async function comparePlan(operation: Operation, plan: Plan): Promise<PlanComparison> {
  const isForeign = plan.deployment.fingerprint !== operation.fingerprint;
  const items: ComparedItem[] = [];
  if (!isForeign) {
    const progress = new Progress(operation.cells, plan, operation.actor);
    for (let from = 0; from < plan.items.length; from += atATime) {
      const some = plan.items.slice(from, from + atATime);
      const compared = some.map((item, at) => compare(operation, plan, item, progress, from + at));
      items.push(...(await Promise.all(compared)));
    }
  }
  return {
    items,
    foreign: isForeign
      ? `the plan is for "${plan.deployment.name}" with other stores or other programs`
      : null,
    expired: Date.now() > plan.expires,
  };
}

async function compare(
  operation: Operation,
  plan: Plan,
  item: PlanItem,
  progress: Progress,
  index: number,
): Promise<ComparedItem> {
  const { endpoint, id, step } = item;
  const known = await progress.item(index);
  const applied =
    known?.outcome === undefined || known.outcome === null
      ? null
      : `${known.outcome.outcome} by ${known.by}, ${isoTime(known.at)}`;
  const now = (await lookers[plan.action]?.(operation, item)) ?? null;
  return { endpoint, id, planned: step, now, applied, moved: now !== null && now !== step };
}

async function entryNow(operation: Operation, item: PlanItem): Promise<string> {
  const { name, ports } = operation.endpoint(item.endpoint);
  const { entry, slot } = await ports.business.load(name, item.key ?? '', item.id);
  const found = slot?.messageId === item.id ? slot : entry;
  if (!found) return 'gone';
  const step = found === slot ? 'slot' : (entry?.step ?? 'gone');
  const { transaction } = item.observed;
  const isOther = transaction !== null && found.transaction !== transaction;
  return isOther ? `${step}, of another transaction` : step;
}

async function letterNow(operation: Operation, item: PlanItem): Promise<string> {
  const { name, upkeep } = operation.endpoint(item.endpoint);
  if (upkeep.broker.searching === 'receives') return 'not known: this broker cannot be searched';
  const copies = await upkeep.broker.copiesOf([name], new Set([item.id]));
  const same = copies.find(({ receipt }) => receipt === item.observed['receipt']);
  return (same ?? copies[0])?.state ?? 'gone';
}

async function tokenNow(operation: Operation, item: PlanItem): Promise<string> {
  const { island } = item.observed;
  const store = payloadStoreOf(operation, String(island));
  if ((await store.get(item.id)) === null) return 'gone';
  return (await quarantineOf(operation.cells, item.id)) ? 'quarantined' : 'orphan';
}

async function recordNow(operation: Operation, { endpoint, id, step, observed }: PlanItem) {
  const record = await exactRecord(operation.endpoint(endpoint), id);
  if (!record) return 'gone';
  return record.at === observed['at'] ? step : 'written anew';
}

async function pauseNow({ cells }: Operation, { endpoint }: PlanItem): Promise<string> {
  return (await readPauses(cells))[endpoint] ? 'paused' : 'working';
}
