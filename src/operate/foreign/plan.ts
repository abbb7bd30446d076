/** Planning and carrying out the repair of an outbox that another library wrote. */
import { OncectlError } from '../../engine/errors.js';
import type { ForeignRow } from '../../engine/foreign.js';
import type { Operation } from '../operation.js';
import type { Executor } from '../plan/executor.js';
import { makePlan, type Plan, type PlanItem } from '../plan/plan.js';
import { dispatchForeign } from './dispatch.js';
import { foreignNamed, notOurs, type OpenedForeign } from './open.js';

export const foreignAction = 'outbox.repair-foreign';

export interface ForeignFilter {
  readonly outbox: string;
  readonly olderThanMs: number;
  /** Ids of rows, whole; empty: all. */
  readonly ids: readonly string[];
}

const pageSize = 500;
const mostRows = 100_000;

/**
 * Every undispatched row that is older. Rejects with `refused`, and says how its own library finishes
 * them, for an outbox that only that may dispatch; `not-found` for an id that is not among them.
 */
export async function planForeign(operation: Operation, filter: ForeignFilter): Promise<Plan> {
  const opened = foreignNamed(operation.foreign, filter.outbox);
  if (!opened.outbox.dispatch) throw notOurs(opened);
  const rows = await rowsOf(opened, Date.now() - filter.olderThanMs);
  const chosen = filter.ids.length === 0 ? rows : filter.ids.map((id) => rowNamed(rows, id));
  return makePlan(operation, {
    action: foreignAction,
    filter: { ...filter },
    items: chosen.map((row) => itemOf(opened, row)),
    skipped: [],
    now: Date.now(),
  });
}

async function rowsOf(
  { outbox }: OpenedForeign,
  olderThan: number,
): Promise<readonly ForeignRow[]> {
  const rows: ForeignRow[] = [];
  for (let after: string | null = null; rows.length < mostRows; ) {
    const page = await outbox.list({ olderThan, after, limit: pageSize });
    rows.push(...page);
    const last = page.at(-1);
    if (!last || page.length < pageSize) break;
    after = last.cursor;
  }
  return rows;
}

function rowNamed(rows: readonly ForeignRow[], id: string): ForeignRow {
  const found = rows.find((row) => row.id === id);
  if (found) return found;
  throw new OncectlError('not-found', `no undispatched row has the id "${id}"`, {
    about: id,
    hint: 'oncectl outbox list --outbox NAME shows them; --older 0s shows the youngest, too',
  });
}

function itemOf({ profile }: OpenedForeign, row: ForeignRow): PlanItem {
  return {
    endpoint: profile.to ?? '',
    id: row.id,
    key: row.key,
    step: `row of ${profile.name}`,
    observed: { outbox: profile.name, digest: row.digest },
    actions: ['send', 'mark'],
    effect: { sends: row.messages, writes: 1, deletes: 0 },
    undo: 'no',
    rule: 'undispatched: sent under an id that follows from the row, so its receiver drops a repetition',
  };
}

export const foreignExecutor: Executor = {
  async execute(operation, item, { boundary }) {
    const { outbox, digest } = item.observed as { outbox: string; digest: string | null };
    const opened = foreignNamed(operation.foreign, outbox);
    return dispatchForeign(opened, item.id, operation, {
      observed: digest,
      ...(boundary ? { boundary } : {}),
    });
  },
};
