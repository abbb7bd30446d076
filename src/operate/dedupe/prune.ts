/**
 * Removes dedupe records, each exported first and only while it is still the one that was seen. What was
 * removed too early makes a late copy of its message a new one; so a record that has not expired is
 * pruned by who says so only.
 */
import type { DedupeRecord } from '../../engine/ports.js';
import type { Operation } from '../operation.js';
import type { Executor } from '../plan/executor.js';
import { makePlan, type Plan, type PlanItem, SkippedItems } from '../plan/plan.js';
import { dedupeKind } from '../restore/dedupe.js';
import { exactRecord, findKnown, type KnownMessage } from './records.js';

export const pruneAction = 'dedupe.prune';

export interface PruneQuery {
  readonly endpoints: readonly string[];
  /** Records this old, ms, expired or not; null: expired ones. */
  readonly olderThanMs: number | null;
  /** Also records that have not expired: a late copy would be applied again. */
  readonly acceptDuplicates: boolean;
  readonly keepsBackup: boolean;
  readonly limit: number;
}

/** Reads only. Dispatched entries are left to their workers, who purge them after the retention. */
export async function planPrune(
  operation: Operation,
  query: PruneQuery,
  filter: Plan['filter'],
): Promise<Plan> {
  const now = Date.now();
  const skipped = new SkippedItems();
  const items: PlanItem[] = [];
  const { endpoints, olderThanMs, limit } = query;
  const all = { endpoints, prefix: '', olderThanMs, expired: olderThanMs === null };
  for (let after: string | null = null; ; ) {
    const page = await findKnown(operation, { ...all, limit, after });
    for (const known of page.messages) {
      const rule = ruleAgainst(known, query, now);
      if (rule) skipped.add(rule.rule, known.messageId, rule.flag);
      else items.push(itemOf(known, now, query));
    }
    if (page.next === null) break;
    after = page.next;
  }
  return makePlan(operation, {
    action: pruneAction,
    filter,
    items,
    skipped: skipped.all(),
    now,
  });
}

function ruleAgainst(
  { kind, expires }: KnownMessage,
  { acceptDuplicates }: PruneQuery,
  now: number,
) {
  if (kind === 'entry') {
    return { rule: 'a dispatched entry: workers purge it after its retention', flag: null };
  }
  if (expires > now && !acceptDuplicates) {
    const rule = 'it has not expired: a late copy would be applied again';
    return { rule, flag: '--accept-duplicates' };
  }
  return null;
}

function itemOf(
  { endpoint, messageId, by, at, expires }: KnownMessage,
  now: number,
  { keepsBackup }: PruneQuery,
): PlanItem {
  return {
    ...{ endpoint, id: messageId, key: null },
    step: expires <= now ? 'expired' : 'recorded',
    observed: { by, at, expires },
    actions: [...(keepsBackup ? ['export'] : []), 'remove-record'],
    effect: { sends: 0, writes: 0, deletes: 1 },
    undo: keepsBackup ? 'yes' : 'no',
    rule: expires <= now ? 'its retention is over' : 'not expired, and removed all the same',
  };
}

export const pruneExecutor: Executor = {
  async execute(operation, item, { backup, boundary }) {
    const endpoint = operation.endpoint(item.endpoint);
    const seen = item.observed as unknown as DedupeRecord;
    const record = await exactRecord(endpoint, item.id);
    if (!record) return { outcome: 'yielded', to: 'the record is gone' };
    if (record.by !== seen.by || record.at !== seen.at) return changed;
    await backup.keep(dedupeKind, item.endpoint, item.id, record);
    await boundary?.('export');
    const removed = await endpoint.upkeep.dedupe.remove(item.endpoint, item.id, record);
    await boundary?.('remove-record');
    return removed ? { outcome: 'done', sends: 0 } : changed;
  },
};

const changed = { outcome: 'yielded', to: 'the record was written anew' } as const;
