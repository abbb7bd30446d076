/** Puts dead letters back into their queues, under their own ids: workers try each once more. */
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Executor, ItemOutcome } from '../plan/executor.js';
import type { PlanItem } from '../plan/plan.js';
import { isOnItsWay } from './applied.js';
import { actingOn, claimLetter, claimOf, claimText, rewriteClaim } from './claim.js';
import { receiptOf } from './whole.js';

/** A queue may be long, and a handler slow. */
const settleWithinMs = 60_000;

export const retryExecutor: Executor = {
  async execute(operation, item, { plan, boundary }) {
    const { cells } = operation;
    const letter = { endpoint: item.endpoint, receipt: receiptOf(item) };
    const what = { action: 'dead.retry', messageId: item.id, phase: 'begun' } as const;
    const wanted = claimOf(operation, plan, what);
    const claimed = await claimLetter(cells, letter, wanted);
    if (claimed.hold === 'forbidden') return { outcome: 'yielded', to: claimText(claimed.claim) };
    await boundary?.('record');
    const { broker } = operation.endpoint(item.endpoint).ports;
    const isBack = await actingOn(cells, letter, claimed, () =>
      broker.redrive(letter.endpoint, letter.receipt),
    );
    await boundary?.('redrive');
    if (!isBack) return goneBefore(claimed.hold, claimText(claimed.claim));
    if (claimed.hold === 'shared') await rewriteClaim(cells, letter, claimed.version, wanted);
    return { outcome: 'done', sends: 1 };
  },

  async settled(operation, item) {
    const endpoint = operation.endpoint(item.endpoint);
    return (await endOf(endpoint, item)) ?? false;
  },

  settleWithinMs,
};

/** Who had taken the letter away, as the record tells. */
export function goneBefore(
  hold: 'fresh' | 'earlier' | 'shared' | 'forbidden',
  who: string,
): ItemOutcome {
  if (hold === 'earlier') return { outcome: 'done', sends: 0 };
  const to = 'it had left the dead letters; no record tells by whom';
  return { outcome: 'yielded', to: hold === 'shared' ? who : to };
}

/** Handled: no copy is left. Null: it is on its way. Where queues cannot be searched, it has left. */
async function endOf(
  { name, upkeep }: OperatedEndpoint,
  { id, observed }: PlanItem,
): Promise<true | ItemOutcome | null> {
  if (upkeep.broker.searching === 'receives') return true;
  const copies = await upkeep.broker.copiesOf([name], new Set([id]));
  if (copies.some(isOnItsWay)) return null;
  const again = copies.find(({ at }) => at > Number(observed['lastDeadAt']));
  if (!again) return true;
  const error = again.failures.at(-1)?.error ?? 'no error was kept';
  return {
    outcome: 'failed',
    error: `it died again: ${error}`,
    next: `oncectl dead show ${id} tells more`,
  };
}

/** What an operator must know of waves on these brokers; empty when queues can be searched. */
export function unsettledWarnings({ endpoints }: Operation, items: readonly PlanItem[]): string[] {
  const names = new Set(items.map(({ endpoint }) => endpoint));
  return endpoints
    .filter(({ name, upkeep }) => names.has(name) && upkeep.broker.searching === 'receives')
    .map(
      ({ name }) =>
        `${name}: its queue cannot be searched, so a wave is over when its messages left the dead letters, not when they were handled`,
    );
}
