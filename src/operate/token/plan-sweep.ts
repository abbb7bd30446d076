/** Which payloads a sweep would put into quarantine, and which of those in it would be deleted. */
import type { Operation } from '../operation.js';
import { makePlan, type Plan, type PlanItem, SkippedItems } from '../plan/plan.js';
import type { ExaminedToken } from './examine.js';
import type { Quarantined } from './quarantine.js';

export const quarantineAction = 'token.quarantine';
export const deleteAction = 'token.delete';

/** Step one: a record for each proven orphan. Everything else is left out, by its rule. */
export function planQuarantine(
  operation: Operation,
  tokens: readonly ExaminedToken[],
  filter: Plan['filter'],
): Plan {
  const skipped = new SkippedItems();
  const items: PlanItem[] = [];
  for (const token of tokens) {
    const rule = ruleAgainst(token);
    if (rule) skipped.add(rule.rule, token.id, rule.flag);
    else if (token.verdict === 'orphan') items.push(quarantineItem(token));
  }
  return planOf(operation, quarantineAction, filter, items, skipped);
}

function ruleAgainst({ verdict, quarantine }: ExaminedToken) {
  if (quarantine) return { rule: 'it is in quarantine already', flag: '--delete-quarantined' };
  if (verdict === 'unreferenced') {
    return { rule: 'old and named by nothing, which proves nothing', flag: null };
  }
  return null;
}

function quarantineItem({ id, origin, island, at, bytes, rule, why }: ExaminedToken): PlanItem {
  return {
    ...{ endpoint: origin.endpoint, id, key: null, step: 'orphan' },
    observed: { origin, island, at, bytes, proof: { rule, says: why } },
    actions: ['quarantine'],
    effect: { sends: 0, writes: 1, deletes: 0 },
    undo: 'yes',
    rule: `${rule}: ${why}`,
  };
}

export interface DeleteChoices {
  /** Only what has been in quarantine for so long, ms. */
  readonly quarantinedForMs: number;
  /** Bodies are exported first. */
  readonly keepsBackup: boolean;
}

/** Step two: what has been in quarantine for long enough. */
export function planDelete(
  operation: Operation,
  records: ReadonlyMap<string, Quarantined>,
  { quarantinedForMs, keepsBackup }: DeleteChoices,
  filter: Plan['filter'],
): Plan {
  const skipped = new SkippedItems();
  const items: PlanItem[] = [];
  const until = Date.now() - quarantinedForMs;
  for (const [id, record] of records) {
    if (record.since > until) {
      skipped.add('it has not been in quarantine for long enough', id, '--quarantined-for');
    } else items.push(deleteItem(id, record, keepsBackup));
  }
  return planOf(operation, deleteAction, filter, items, skipped);
}

function deleteItem(id: string, record: Quarantined, keepsBackup: boolean): PlanItem {
  const { origin, proof } = record;
  return {
    ...{ endpoint: origin.endpoint, id, key: null, step: 'quarantined' },
    observed: { ...record },
    actions: [...(keepsBackup ? ['export'] : []), 'delete'],
    effect: { sends: 0, writes: 1, deletes: 1 },
    undo: keepsBackup ? 'yes' : 'no',
    rule: `${proof.rule}: ${proof.says}`,
  };
}

function planOf(
  operation: Operation,
  action: string,
  filter: Plan['filter'],
  items: readonly PlanItem[],
  skipped: SkippedItems,
): Plan {
  return makePlan(operation, {
    action,
    filter,
    items,
    skipped: skipped.all(),
    now: Date.now(),
  });
}
