/** Builds `result.json` from what a run gathered, at its end and, as a partial one, meanwhile. */
import os from 'node:os';
import type { AuditVerdict } from '../audit/evidence-files.js';
import { verdictText } from '../audit/verdict-text.js';
import type { GeneratorOutcome } from '../load/generator.js';
import { evaluateThresholds } from '../profile/thresholds.js';
import type { Profile } from '../profile/types.js';
import { isQuiet } from './disk-probe.js';
import { type BenchOutcome, outcomeOf, statusOf } from './outcome.js';
import type { BenchResult, DiskProbe, FaultRecord, LeftBehind, StageResult } from './result.js';
import type { Tally } from './tally.js';
import type { Totals } from './totals.js';

export interface Gathered {
  readonly runId: string;
  readonly command: string;
  readonly version: string;
  readonly profile: Profile;
  readonly profileSha256: string;
  readonly startedAt: Date;
  readonly tally: Tally;
  readonly faults: readonly FaultRecord[];
  readonly generator: GeneratorOutcome | null;
  readonly verdict: AuditVerdict | null;
  /** Why the run proves nothing; null when it does. */
  readonly invalid: string | null;
  readonly aborted: boolean;
  readonly drained: boolean;
  readonly left: LeftBehind | null;
  readonly disk: { readonly before: DiskProbe | null; readonly after: DiskProbe | null };
  readonly workerProcesses: number;
  readonly storeBytesBefore: number;
}

/** The document, and how the run ended. */
export function assemble(gathered: Gathered): { result: BenchResult; outcome: BenchOutcome } {
  const draft = document(gathered);
  const thresholds = evaluateThresholds(gathered.profile.thresholds, draft);
  const invalid = invalidReason(gathered);
  const outcome = outcomeOf({
    correctness: gathered.verdict,
    aborted: gathered.aborted,
    invalid: invalid !== null,
    thresholdsHold: thresholds.every(({ holds }) => holds),
    undrained: !gathered.drained && !gathered.profile.drain.mayLeave,
  });
  return { result: { ...draft, thresholds, status: statusOf(outcome) }, outcome };
}

function document(gathered: Gathered): BenchResult {
  const { profile, tally, generator, verdict } = gathered;
  const handled = tally.measured((totals) => totals.handled);
  const invalid = invalidReason(gathered);
  const stages = tally.stageResults();
  return {
    schema: 'oncectl/bench.result/v1',
    runId: gathered.runId,
    status: 'aborted',
    verdict: {
      generator: generatorVerdict(gathered, stages, invalid),
      audit: verdictText(verdict),
    },
    startedAt: gathered.startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    command: gathered.command,
    profile: { name: profile.name, sha256: gathered.profileSha256, resolved: profile },
    environment: environment(gathered),
    stages,
    correctness: verdict,
    faults: gathered.faults,
    faultCounts: tally.running.now().injected,
    drained: gathered.drained,
    leftBehind: isSomething(gathered.left) ? gathered.left : null,
    resources: resources(gathered, handled),
    operations: operations(tally, handled),
    cost: {},
    generator: { valid: invalid === null, lagP99Us: generator?.lagP99Us ?? 0, reason: invalid },
    thresholds: [],
    comparison: {},
  };
}

function isSomething(left: LeftBehind | null): boolean {
  if (left === null) return false;
  const { stuck, dead, orphans } = left;
  return orphans > 0 || Object.keys(stuck).length > 0 || Object.keys(dead).length > 0;
}

/** Why the run proves nothing. One that is there to leave something behind measures no load. */
function invalidReason({ invalid, generator, profile }: Gathered): string | null {
  return invalid ?? (profile.drain.mayLeave ? null : (generator?.reason ?? null));
}

function generatorVerdict(
  gathered: Gathered,
  stages: readonly StageResult[],
  invalid: string | null,
): string {
  if (invalid !== null) return `run INVALID: ${invalid}`;
  const lag = ((gathered.generator?.lagP99Us ?? 0) / 1000).toFixed(2);
  const measured = stages.filter((stage) => stage.measured);
  const rates = measured.map((stage) => {
    return `${stage.sentPerSecond.toFixed(1)}/s of ${stage.offeredPerSecond.toFixed(1)}/s`;
  });
  const cut = gathered.aborted ? ' (cut short)' : '';
  return `generator valid${cut}: sent ${rates.join(', ')}, lag p99 ${lag} ms`;
}

function environment({ disk, version }: Gathered): BenchResult['environment'] {
  const [cpu] = os.cpus();
  return {
    node: process.version,
    cpu: cpu?.model ?? 'unknown',
    cores: os.availableParallelism(),
    platform: `${os.platform()} ${os.arch()}`,
    version,
    disk: { ...disk, quiet: isQuiet(disk.before, disk.after) },
  };
}

function resources(gathered: Gathered, handled: number): BenchResult['resources'] {
  const { tally } = gathered;
  const peaks = tally.running.peaks();
  const cpu = (of: 'generator' | 'workers' | 'audit' | 'view' | 'server') =>
    tally.measured((totals) => totals.cpu[of] ?? 0);
  const perMessage = (seconds: number) => (handled > 0 ? (seconds * 1000) / handled : 0);
  const [workers, server] = [cpu('workers'), cpu('server')];
  const seesServer = tally.running.now().cpu.server !== null;
  return {
    generator: { cpuSeconds: cpu('generator'), peakRssBytes: peaks.generator },
    workers: {
      cpuSeconds: workers,
      peakRssBytes: peaks.workers,
      perHandledMessageMs: perMessage(workers),
      processes: gathered.workerProcesses,
    },
    server: seesServer ? { cpuSeconds: server, perHandledMessageMs: perMessage(server) } : null,
    audit: { cpuSeconds: cpu('audit'), peakRssBytes: peaks.audit },
    view: { cpuSeconds: cpu('view'), peakRssBytes: process.resourceUsage().maxRSS * 1024 },
    store: {
      bytesBefore: gathered.storeBytesBefore,
      bytesAfter: tally.running.auditor?.auditor?.storeBytes ?? 0,
    },
  };
}

function operations(tally: Tally, handled: number): BenchResult['operations'] {
  const { operations: counts, flushes } = tally.running.now();
  const perMessage = (names: Iterable<string>, of: (totals: Totals, name: string) => number) => {
    const per = (name: string) => tally.measured((totals) => of(totals, name)) / (handled || 1);
    return Object.fromEntries([...names].map((name) => [name, per(name)]));
  };
  return {
    perHandledMessage: perMessage(
      Object.keys(counts),
      (totals, name) => totals.operations[name] ?? 0,
    ),
    flushesPerHandledMessage: perMessage(
      Object.keys(flushes),
      (totals, name) => totals.flushes[name] ?? 0,
    ),
    counts,
  };
}
