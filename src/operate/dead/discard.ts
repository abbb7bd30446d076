/** Removes dead letters whose message nothing shows to have been applied. */
import type { DeadLetter } from '../../engine/ports.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { ExecuteContext, Executor, ItemOutcome } from '../plan/executor.js';
import type { PlanItem } from '../plan/plan.js';
import { appliedOrNot } from './applied.js';
import {
  actingOn,
  type Claimed,
  claimLetter,
  claimOf,
  claimText,
  finishClaim,
  rewriteClaim,
} from './claim.js';
import { headOf } from './letters.js';
import { removeLetter, removePayload } from './removal.js';
import { goneBefore } from './retry.js';
import { receiptOf, wholeLetter } from './whole.js';

export const discardExecutor: Executor = {
  async execute(operation, item, context) {
    const endpoint = operation.endpoint(item.endpoint);
    const letter = { endpoint: item.endpoint, receipt: receiptOf(item) };
    const what = { action: 'dead.discard', messageId: item.id, phase: 'begun' } as const;
    const wanted = claimOf(operation, context.plan, what);
    const claimed = await claimLetter(operation.cells, letter, wanted);
    if (claimed.hold === 'forbidden') return { outcome: 'yielded', to: claimText(claimed.claim) };
    await context.boundary?.('record');
    const outcome = await actingOn(operation.cells, letter, claimed, () =>
      discard(operation, endpoint, item, claimed, context),
    );
    // A backup's line is put back only where this record says that its letter was discarded.
    if (outcome.outcome === 'done') await finishClaim(operation.cells, letter, wanted);
    if (outcome.outcome === 'skipped' && claimed.hold === 'fresh') {
      const open = { ...wanted, phase: 'open' } as const;
      await rewriteClaim(operation.cells, letter, claimed.version, open);
    }
    await context.boundary?.('done');
    return outcome;
  },
};

async function discard(
  operation: Operation,
  endpoint: OperatedEndpoint,
  item: PlanItem,
  { hold, claim }: Claimed,
  context: ExecuteContext,
): Promise<ItemOutcome> {
  const letter = await wholeLetter(endpoint, item, context.plan);
  if (!letter) {
    const outcome = goneBefore(hold, claimText(claim));
    if (outcome.outcome === 'done') await removePayload(endpoint, payloadSeen(item));
    return outcome;
  }
  const { applied } = await appliedOrNot(operation, endpoint, headOf(letter));
  if (applied !== null) return { outcome: 'skipped', rule: applied };
  const isGone = await removeLetter(operation, endpoint, letter, null, context);
  if (isGone) return { outcome: 'done', sends: 0 };
  return goneBefore(hold === 'shared' ? 'shared' : 'fresh', claimText(claim));
}

function payloadSeen({ observed }: PlanItem): DeadLetter['message']['headers']['payload'] {
  const payload = observed['payload'] as DeadLetter['message']['headers']['payload'] | null;
  return payload ?? undefined;
}
