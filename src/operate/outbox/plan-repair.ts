/** Which stuck entries a repair would finish, and which it leaves alone. */
import { remainingSteps } from '../../engine/protocols/repair.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import { makePlan, type Plan, type PlanItem, SkippedItems } from '../plan/plan.js';
import type { StuckEntry } from './stuck.js';

export interface RepairChoices {
  /** Also what a live worker has a lease on. */
  readonly includeHeld: boolean;
  /** Also what the receivers may no longer recognise as a duplicate. */
  readonly acceptDuplicates: boolean;
}

export const repairAction = 'outbox.repair';

/** What of the retention is left to a repaired message to arrive in. */
const retentionMarginShare = 0.1;

/** Makes the plan; reads what it needs of each entry and writes nothing. */
export async function planRepair(
  operation: Operation,
  stuck: readonly StuckEntry[],
  choices: RepairChoices,
  filter: Plan['filter'],
): Promise<Plan> {
  const skipped = new SkippedItems();
  const items: PlanItem[] = [];
  const now = Date.now();
  for (const entry of stuck) {
    const endpoint = operation.endpoint(entry.endpoint);
    const rule = ruleAgainst(operation, endpoint, entry, choices, now);
    if (rule) skipped.add(rule.rule, entry.messageId, rule.flag);
    else items.push(await itemOf(endpoint, entry));
  }
  return makePlan(operation, {
    action: repairAction,
    filter,
    items,
    skipped: skipped.all(),
    now,
  });
}

function ruleAgainst(
  { profile }: Operation,
  endpoint: OperatedEndpoint,
  entry: StuckEntry,
  choices: RepairChoices,
  now: number,
): { readonly rule: string; readonly flag: string | null } | null {
  const { holder } = entry;
  const isHeld = holder !== null && holder !== 'unknown' && holder.leaseEnd > now;
  if (isHeld && !choices.includeHeld) {
    return { rule: 'a worker has a lease on it and may be at it', flag: '--include-held' };
  }
  const { retentionMs } = profile.deployment;
  const age = now - entry.committedAt;
  const mayDouble =
    recognisesByRecord(profile, endpoint) && age > retentionMs * (1 - retentionMarginShare);
  if (mayDouble && !choices.acceptDuplicates) {
    return {
      rule: 'it is older than its receivers remember what they handled, and may double',
      flag: '--accept-duplicates',
    };
  }
  return null;
}

/** Whether some receiver recognises a duplicate by a record that is kept for so long and no longer. */
function recognisesByRecord(profile: Operation['profile'], endpoint: OperatedEndpoint): boolean {
  const receivers = profile.deployment.endpoints.filter(({ name }) =>
    endpoint.profile.sendsTo.includes(name),
  );
  return receivers.some(
    ({ protocol, bridge }) =>
      bridge !== null || !['token', 'register-commit-publish'].includes(protocol),
  );
}

async function itemOf(endpoint: OperatedEndpoint, entry: StuckEntry): Promise<PlanItem> {
  const { messageId, key, step, worker, committedAt } = entry;
  const entity = await endpoint.ports.business.load(endpoint.name, key, messageId);
  const found = step === 'slot' ? entity.slot : entity.entry;
  const actions = remainingSteps(endpoint.protocol, step);
  const sends = found?.messages.length ?? 0;
  return {
    endpoint: endpoint.name,
    id: messageId,
    key,
    step,
    observed: {
      transaction: found?.transaction ?? null,
      token: found?.token ?? null,
      ...{ worker, committedAt },
    },
    actions,
    effect: {
      sends,
      writes: actions.filter((name) => writing.has(name)).length,
      deletes: actions.filter((name) => deleting.has(name)).length,
    },
    undo: sends > 0 ? 'no' : 'yes',
    rule: 'old and undispatched: finishing the protocol is one more copy of the message',
  };
}

const writing = new Set([
  'put-payloads',
  'mark-checked',
  'mark-dispatched',
  'add-record',
  'clear-slot',
]);
const deleting = new Set(['delete-payload', 'delete-losers', 'remove-entry']);
