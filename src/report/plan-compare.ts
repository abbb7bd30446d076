/** Renders what became of a plan's items since it was made. */
import type { ComparedItem, PlanComparison } from '../operate/plan/compare.js';
import type { Plan } from '../operate/plan/plan.js';
import type { ResultOf } from './documents/table.js';
import { plural } from './format.js';
import { planResult } from './plan.js';

/** `plan show -p`: the review, and a row for each item that is not where it was. */
export function comparedResult(
  plan: Plan,
  comparison: PlanComparison,
  now: number,
): ResultOf<'plan.show'> {
  const review = planResult('plan.show', plan, now);
  const changed = comparison.items.filter(({ moved, applied }) => moved || applied !== null);
  return {
    ...review,
    name: 'plan.show',
    about: { comparison },
    text: `${review.text}${verdictOf(plan, comparison, changed)}\n`,
    ...(changed.length === 0 ? {} : { table: tableOf(changed) }),
  };
}

function verdictOf(
  plan: Plan,
  { foreign, items }: PlanComparison,
  changed: readonly ComparedItem[],
): string {
  if (foreign !== null) return `STALE: ${foreign}`;
  const unknown = items.filter(({ now }) => now === null).length;
  const looked = unknown === 0 ? '' : `; ${plural(unknown, 'item')} could not be looked at`;
  if (changed.length === 0) return `nothing moved since it was made${looked}`;
  const count = `${changed.length} of ${plural(plan.items.length, 'item')}`;
  return `${count} moved since it was made, or were applied${looked}:`;
}

function tableOf(changed: readonly ComparedItem[]) {
  return {
    columns: ['item', 'endpoint', 'then', 'now', 'applied'].map((name) => ({ name })),
    rows: changed.map(({ id, endpoint, planned, now, applied }) => [
      ...[id, endpoint, planned, now ?? 'not looked at', applied],
    ]),
  };
}
