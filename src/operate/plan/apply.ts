/**
 * Applies a plan: exactly its items, wave by wave, each recorded before and after.
 *
 *  A1 An item is carried out at most once by one plan, whoever applies it: what has a result is `already`.
 *  A2 A crash between intent and result leaves the item to the next apply; executors are safe to repeat.
 *  A3 A wave begins only when the items of the one before have reached their end in the stores.
 *  A4 Staleness is per item; only another deployment, other programs, or age refuse the whole file.
 */
import { asOncectlError, OncectlError } from '../../engine/errors.js';
import { isoTime } from '../../engine/iso-time.js';
import { pause } from '../../engine/pause.js';
import { logged } from '../log.js';
import type { UndoNote } from '../log-entry.js';
import type { Operation } from '../operation.js';
import { backupTo } from './backup.js';
import type { ExecuteContext, Executor, ItemOutcome } from './executor.js';
import type { Plan, PlanItem } from './plan.js';
import { Progress } from './progress.js';

export interface ApplyOptions {
  readonly plan: Plan;
  readonly executor: Executor;
  /** Go on with a plan that somebody began. */
  readonly resume: boolean;
  /** Sizes of the first waves; the rest follows as one. */
  readonly canary: readonly number[];
  /** Items a second; null: as fast as they go. */
  readonly ratePerSecond: number | null;
  /** Share of failed items beyond which it stops, 0..1; null: never. */
  readonly stopOn: number | null;
  /** Folder for the records that are destroyed; null: they are not kept. */
  readonly backupFolder: string | null;
  /** Folder of the plan's file; left out for a plan that has none. */
  readonly folder?: string;
  readonly reason: string | null;
  /** Finishes the items in hand, then stops. */
  readonly signal?: AbortSignal;
  /** Called between two steps of an item. */
  readonly boundary?: ExecuteContext['boundary'];
  readonly onProgress?: (progress: ApplyProgress) => void;
}

export interface ApplyProgress {
  readonly of: number;
  readonly counts: Readonly<Record<ItemOutcome['outcome'], number>>;
}

export interface AppliedItem {
  readonly endpoint: string;
  readonly id: string;
  readonly result: ItemOutcome;
}

export interface ApplyReport {
  readonly planId: string;
  readonly action: string;
  readonly items: readonly AppliedItem[];
  /** With `remaining` they add up to the items of the plan. */
  readonly counts: Readonly<Record<ItemOutcome['outcome'], number>>;
  readonly remaining: number;
  /** Why it stopped before the end; null when it did not. */
  readonly stopped: string | null;
  /** Who had applied it to its end before, and when; null for nobody. */
  readonly finishedBefore: { readonly by: string; readonly at: number } | null;
  /** Number of the log's entry; null when nothing was done. */
  readonly logId: number | null;
  /** Exported records; null when there were none. */
  readonly backup: string | null;
}

const atATime = 16;
const settleWithinMs = 10_000;
const settlePollMs = 50;

/**
 * Errors, before anything is done: `stale-plan`, `refused` (read-only, protected, begun by somebody and
 * `resume` not given). What goes wrong with an item is in the report.
 */
export async function applyPlan(operation: Operation, options: ApplyOptions): Promise<ApplyReport> {
  const { plan } = options;
  refuseForeign(operation, plan);
  const progress = new Progress(operation.cells, plan, operation.actor);
  const earlier = await progress.earlier();
  if (earlier?.finishedBy && earlier.finishedAt !== null) {
    return nothingToDo(plan, { by: earlier.finishedBy, at: earlier.finishedAt });
  }
  if (!earlier) refuseExpired(plan);
  if (earlier && !options.resume) {
    throw new OncectlError('refused', `${earlier.startedBy} began to apply this plan`, {
      about: `plan ${plan.planId}`,
      hint: 'add --resume to go on where it stands; items that are done are not done again',
    });
  }
  const intent = { action: plan.action, reason: options.reason };
  const about = `${plan.summary.items} items of plan ${plan.planId}`;
  const run = new Run(operation, options, progress);
  const { result, logId } = await logged(
    operation,
    intent,
    { planId: plan.planId, about },
    async () => {
      await progress.begin();
      const report = await run.run();
      if (report.remaining === 0 && report.counts.failed === 0) await progress.finish();
      const undo = undoNote(plan, options.executor, report);
      return { result: report, done: { counts: report.counts, undo } };
    },
  );
  return { ...result, logId };
}

/** null: nothing is left that it could be undone from. */
function undoNote(
  { action, planId }: Plan,
  { undoesWithoutBackup = false }: Executor,
  { backup, counts }: Pick<ApplyReport, 'backup' | 'counts'>,
): UndoNote | null {
  if (backup === null && !(undoesWithoutBackup && counts.done > 0)) return null;
  return { action, backup, data: { planId } };
}

function refuseForeign(operation: Operation, plan: Plan): void {
  const about = `plan ${plan.planId}`;
  if (plan.deployment.fingerprint !== operation.fingerprint) {
    throw new OncectlError(
      'stale-plan',
      `the plan is for another deployment, or for other programs (${plan.deployment.name})`,
      { about, hint: `-p names the deployment that it was made for; or make a new plan` },
    );
  }
}

/** What was begun in time may be finished at any time: an edit that was cut short must be. */
function refuseExpired(plan: Plan): void {
  const about = `plan ${plan.planId}`;
  if (Date.now() <= plan.expires) return;
  throw new OncectlError('stale-plan', `the plan expired at ${isoTime(plan.expires)}`, {
    about,
    hint: 'make a new one; oncectl plan show tells what has changed since',
  });
}

function nothingToDo(plan: Plan, finishedBefore: { by: string; at: number }): ApplyReport {
  const counts = { done: 0, already: plan.items.length, yielded: 0, skipped: 0, failed: 0 };
  const { planId, action } = plan;
  return {
    ...{ planId, action, items: [], counts, remaining: 0, stopped: null, finishedBefore },
    ...{ logId: null, backup: null },
  };
}

class Run {
  readonly #operation: Operation;
  readonly #options: ApplyOptions;
  readonly #progress: Progress;
  readonly #results: (AppliedItem | undefined)[] = [];
  readonly #counts = { done: 0, already: 0, yielded: 0, skipped: 0, failed: 0 };
  readonly #startedAt = Date.now();
  #started = 0;
  #stopped: string | null = null;

  constructor(operation: Operation, options: ApplyOptions, progress: Progress) {
    this.#operation = operation;
    this.#options = options;
    this.#progress = progress;
  }

  async run(): Promise<Omit<ApplyReport, 'logId'>> {
    const { plan, backupFolder, boundary, folder = null } = this.#options;
    const backup = backupTo(backupFolder, plan.planId);
    const context = { plan, backup, folder, ...(boundary ? { boundary } : {}) };
    let from = 0;
    for (const size of [...this.#options.canary, Number.POSITIVE_INFINITY]) {
      const to = Math.min(plan.items.length, from + size);
      await this.#wave(from, to, context);
      if (to < plan.items.length && !this.#stops()) await this.#waitUntilSettled(from, to);
      if (this.#stops() || to >= plan.items.length) break;
      from = to;
    }
    const items = this.#results.filter((item) => item !== undefined);
    return {
      ...{ planId: plan.planId, action: plan.action, items, counts: this.#counts },
      remaining: plan.items.length - items.length,
      stopped: this.#stopped,
      finishedBefore: null,
      backup: await backup.close(),
    };
  }

  async #wave(from: number, to: number, context: ExecuteContext): Promise<void> {
    let next = from;
    const worker = async () => {
      while (next < to && !this.#stops()) await this.#item(next++, context);
    };
    await Promise.all(Array.from({ length: Math.min(atATime, to - from) }, worker));
  }

  async #item(index: number, context: ExecuteContext): Promise<void> {
    const item = this.#options.plan.items[index];
    if (!item) return;
    await this.#keepTheRate();
    const result = await this.#carryOut(index, item, context).catch((error: unknown) =>
      failedBy(error),
    );
    this.#counts[result.outcome]++;
    this.#results[index] = { endpoint: item.endpoint, id: item.id, result };
    this.#options.onProgress?.({
      of: this.#options.plan.items.length,
      counts: { ...this.#counts },
    });
  }

  /** A1, A2. A failed item has no result: the next apply tries it again. */
  async #carryOut(index: number, item: PlanItem, context: ExecuteContext): Promise<ItemOutcome> {
    const known = await this.#progress.item(index);
    if (known?.state === 'result') return { outcome: 'already' };
    await this.#progress.intend(index, item);
    const outcome = await this.#options.executor.execute(this.#operation, item, context);
    if (outcome.outcome !== 'failed') await this.#progress.record(index, item, outcome);
    return outcome;
  }

  #stops(): boolean {
    if (this.#options.signal?.aborted) this.#stopped ??= 'interrupted';
    const { stopOn } = this.#options;
    const tried = this.#counts.done + this.#counts.failed;
    if (stopOn !== null && tried > 0 && this.#counts.failed / tried > stopOn) {
      this.#stopped ??= `${this.#counts.failed} of ${tried} failed`;
    }
    return this.#stopped !== null;
  }

  /** Item n begins no earlier than n times the interval after the first. */
  async #keepTheRate(): Promise<void> {
    const { ratePerSecond } = this.#options;
    const number = this.#started++;
    if (ratePerSecond === null) return;
    const waitMs = this.#startedAt + (number * 1000) / ratePerSecond - Date.now();
    if (waitMs > 0) await pause(waitMs);
  }

  /** A3. */
  async #waitUntilSettled(from: number, to: number): Promise<void> {
    const { executor, plan, signal } = this.#options;
    const withinMs = executor.settleWithinMs ?? settleWithinMs;
    const deadline = Date.now() + withinMs;
    for (let index = from; index < to; index++) {
      const item = plan.items[index];
      const result = this.#results[index]?.result;
      if (!item || result?.outcome !== 'done' || !executor.settled) continue;
      for (;;) {
        const end = await executor.settled(this.#operation, item);
        if (typeof end === 'object') this.#correct(index, item, end);
        if (end !== false) break;
        if (signal?.aborted) return;
        if (Date.now() > deadline) {
          this.#stopped ??= `${item.id} did not reach its end within ${withinMs / 1000} s`;
          return;
        }
        await pause(settlePollMs);
      }
    }
  }

  /** What was told as done came to another end. */
  #correct(index: number, { endpoint, id }: PlanItem, result: ItemOutcome): void {
    this.#counts.done--;
    this.#counts[result.outcome]++;
    this.#results[index] = { endpoint, id, result };
  }
}

function failedBy(thrown: unknown): ItemOutcome {
  const error = asOncectlError(thrown);
  const next =
    error.happened === 'unknown'
      ? 'it is not known whether it took place: apply again with --resume, which is safe'
      : (error.hint ?? 'apply again with --resume');
  return { outcome: 'failed', error: error.message, next };
}
