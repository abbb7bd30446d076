/**
 * Lets workers handle what a run left behind, and audits the whole run again: with the evidence of the
 * run, to which these workers add theirs. No load, no faults.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { AuditVerdict } from '../audit/evidence-files.js';
import { verdictText } from '../audit/verdict-text.js';
import { depthSettlesMs } from '../deployment/backends.js';
import { OncectlError } from '../engine/errors.js';
import type { Profile } from '../profile/types.js';
import { type BenchOutcome, outcomeOf, statusOf } from './outcome.js';
import { ProcessHandle } from './processes/handle.js';
import type { FromProcess, ProcessConfig } from './processes/messages.js';
import type { BenchResult, LeftBehind } from './result.js';
import { readResult, writeResult } from './run-folder.js';
import { ended, WorkerPool } from './worker-pool.js';

export interface DrainOptions {
  /** Folder of the run. */
  readonly folder: string;
  readonly workers: number;
  /** Longest time to drain, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DrainProgress) => void;
  readonly onWarning: (message: string) => void;
}

export interface DrainProgress {
  /** Messages that wait or are leased, over all queues. */
  readonly waiting: number;
  /** Of these: leased, some of them perhaps to workers that are gone. */
  readonly leased: number;
  readonly handled: number;
}

export interface DrainedRun {
  readonly result: BenchResult;
  readonly outcome: BenchOutcome;
  readonly handled: number;
}

const pollMs = 200;
const graceMs = 5000;

/**
 * Replaces the run's `result.json` with what the audit says now. Errors: `not-found` for a run whose
 * stores were removed, `worker-lost`, the stores' own.
 */
export async function drainRun(options: DrainOptions): Promise<DrainedRun> {
  const before = await readResult(options.folder);
  if (before.correctness?.clean && before.drained && before.leftBehind === null) {
    throw new OncectlError('not-found', 'this run left nothing behind', {
      about: before.runId,
      hint: 'its audit is clean; oncectl bench show tells more',
    });
  }
  const profile = withoutFaults(before.profile.resolved);
  const config = configOf(options.folder, before.runId, profile);
  const auditor = await ProcessHandle.start('auditor', { ...config, name: 'auditor' });
  const pool = new WorkerPool(config, options.workers, {
    struck: () => {},
    resumed: () => {},
    handledAgain: () => {},
    warning: options.onWarning,
    lost: options.onWarning,
  });
  try {
    await pool.start();
    const now = Date.now();
    auditor.send({ type: 'begin', startAt: now });
    pool.begin(now);
    const { drained, handled } = await drain(options, profile, pool, auditor);
    await pool.stop(graceMs);
    const { verdict, left } = await judged(auditor, drained);
    const { result, outcome } = resultOf(before, profile, drained, verdict, left);
    await writeResult(options.folder, result);
    return { result, outcome, handled };
  } finally {
    pool.kill();
    auditor.send({ type: 'stop', graceMs: 0 });
    await ended(auditor, graceMs);
  }
}

function withoutFaults(profile: Profile): Profile {
  return { ...profile, faults: [] };
}

/** Names that no process of the run had: a file of evidence has one writer. */
function configOf(folder: string, runId: string, profile: Profile): ProcessConfig {
  return {
    name: `drain-${randomBytes(2).toString('hex')}`,
    profile,
    runId,
    runFolder: folder,
    storeFolder: join(folder, 'store'),
    evidenceFolder: join(folder, 'evidence'),
    logLevel: 'info',
  };
}

async function drain(
  { timeoutMs, signal, onProgress }: DrainOptions,
  profile: Profile,
  pool: WorkerPool,
  auditor: ProcessHandle,
): Promise<{ readonly drained: boolean; readonly handled: number }> {
  const deadline = Date.now() + timeoutMs;
  const quietMs = depthSettlesMs(profile);
  let quiet = 0;
  let quietSince = Date.now();
  let handled = 0;
  while (Date.now() < deadline && !signal.aborted) {
    const [reports, report] = await Promise.all([pool.reports(), auditor.report()]);
    const workers = [...reports.values()].flatMap(({ worker }) => (worker ? [worker] : []));
    const inFlight = workers.reduce((sum, worker) => sum + worker.inFlight, 0);
    handled = workers.reduce((sum, worker) => sum + worker.handled, 0);
    const depths = (report?.auditor?.depth ?? []).map(([, depth]) => depth);
    const waiting = depths.reduce((sum, one) => sum + one.visible + one.inFlight + one.delayed, 0);
    const leased = depths.reduce((sum, one) => sum + one.inFlight, 0);
    onProgress({ waiting, leased, handled });
    // Twice in a row: between two looks a message may be on its way from one store to another.
    quiet = report !== null && waiting === 0 && inFlight === 0 ? quiet + 1 : 0;
    if (quiet === 0) quietSince = Date.now();
    if (quiet >= 2 && Date.now() - quietSince >= quietMs) return { drained: true, handled };
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return { drained: false, handled };
}

async function judged(
  auditor: ProcessHandle,
  drained: boolean,
): Promise<{ readonly verdict: AuditVerdict | null; readonly left: LeftBehind }> {
  const answered = auditor.awaits(isAuditEnd);
  auditor.send({ type: 'finish', drained, aborted: false });
  const answer = await answered;
  if (answer?.type === 'audited') return answer;
  const why = answer?.type === 'failed' ? answer.error.message : 'its process ended';
  throw new OncectlError('worker-lost', `the audit could not be finished: ${why}`);
}

type AuditEnd = Extract<FromProcess, { type: 'audited' } | { type: 'failed' }>;

function isAuditEnd(message: FromProcess): message is AuditEnd {
  return message.type === 'audited' || message.type === 'failed';
}

function resultOf(
  before: BenchResult,
  profile: Profile,
  drained: boolean,
  verdict: AuditVerdict | null,
  left: LeftBehind,
): { readonly result: BenchResult; readonly outcome: BenchOutcome } {
  const { stuck, dead, orphans } = left;
  const isSomething = orphans > 0 || Object.keys(stuck).length > 0 || Object.keys(dead).length > 0;
  const outcome = outcomeOf({
    correctness: verdict,
    aborted: false,
    invalid: !before.generator.valid,
    thresholdsHold: before.thresholds.every(({ holds }) => holds),
    undrained: !drained && !profile.drain.mayLeave,
  });
  const result: BenchResult = {
    ...before,
    status: statusOf(outcome),
    verdict: { ...before.verdict, audit: verdictText(verdict) },
    correctness: verdict,
    drained,
    leftBehind: isSomething ? left : null,
  };
  return { result, outcome };
}
