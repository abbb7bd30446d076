/** Turns the processes' reports, second by second, into snapshots and, at the end, stage results. */
import { HistogramSum } from '../load/histogram-sum.js';
import type { StageInterval } from '../load/latency.js';
import type { PlannedStage } from '../load/rates.js';
import type { Profile } from '../profile/types.js';
import type { BenchPhase, BenchSnapshot, LatencyPoint } from './events.js';
import { type LatencyName, latencyNames, type StageResult } from './result.js';
import { RunningTotals, type TickReports, type Totals } from './totals.js';

interface StageTally {
  readonly plan: PlannedStage;
  readonly latency: Map<string, HistogramSum>;
  readonly hops: Map<string, HistogramSum>;
  readonly backlog: number[];
  from: Mark | null;
  to: Mark | null;
}

interface Mark {
  readonly atMs: number;
  readonly totals: Totals;
}

/** A backlog that grows by less than this much handling time is noise of sampling, not growth. */
const backlogNoiseSeconds = 0.1;

export class Tally {
  readonly running = new RunningTotals();
  readonly #profile: Profile;
  readonly #stages: StageTally[];
  readonly #intervalHop = new HistogramSum();
  readonly #intervalChain = new HistogramSum();
  #last: Mark | null = null;
  #stage: number | null = null;

  constructor(profile: Profile, stages: readonly PlannedStage[]) {
    this.#profile = profile;
    this.#stages = stages.map((plan) => ({
      plan,
      latency: new Map(),
      hops: new Map(),
      backlog: [],
      from: null,
      to: null,
    }));
  }

  /** The tick just taken was the boundary at which stage `index` begins; null: the load has ended. */
  enterStage(index: number | null): void {
    const before = this.#stage === null ? undefined : this.#stages[this.#stage];
    if (before) before.to = this.#last;
    this.#stage = index;
    const now = index === null ? undefined : this.#stages[index];
    if (now) now.from = this.#last;
  }

  /** Takes one round of reports. `atMs` is since the load began. */
  take(atMs: number, reports: TickReports, phase: BenchPhase): BenchSnapshot {
    this.#intervalHop.reset();
    this.#intervalChain.reset();
    this.running.take(reports);
    for (const report of [...reports.workers.values(), reports.generator]) {
      for (const interval of report?.intervals ?? []) this.#add(interval);
    }
    const before = this.#last;
    const totals = this.running.now();
    this.#last = { atMs, totals };
    const snapshot = this.#snapshot(atMs, before, totals, phase);
    const backlog = snapshot.backlog.reduce((sum, { messages }) => sum + messages, 0);
    if (this.#stage !== null) this.#stages[this.#stage]?.backlog.push(backlog);
    return snapshot;
  }

  stageResults(): readonly StageResult[] {
    return this.#stages.map((stage) => this.#stageResult(stage));
  }

  /** Over the measured stages: the difference of `of` between their ends and beginnings. */
  measured(of: (totals: Totals) => number): number {
    let sum = 0;
    for (const { plan, from, to } of this.#stages) {
      if (plan.measured && from && to) sum += of(to.totals) - of(from.totals);
    }
    return sum;
  }

  #add({ stage, name, endpoint, hdr }: StageInterval): void {
    const tally = this.#stages[stage];
    if (!tally) return;
    if (endpoint !== null) {
      sumOf(tally.hops, endpoint).add(hdr);
      return;
    }
    sumOf(tally.latency, name).add(hdr);
    if (name === 'hop') this.#intervalHop.add(hdr);
    if (name === 'chain') this.#intervalChain.add(hdr);
  }

  #snapshot(atMs: number, before: Mark | null, totals: Totals, phase: BenchPhase): BenchSnapshot {
    const stage = this.#stage === null ? undefined : this.#stages[this.#stage];
    const seconds = before ? Math.max(0.001, (atMs - before.atMs) / 1000) : 0;
    const rate = (of: (totals: Totals) => number) =>
      before && seconds > 0 ? (of(totals) - of(before.totals)) / seconds : 0;
    const hop = this.#intervalHop.point();
    const chain = this.#intervalChain.point();
    const handledNow = before ? totals.handled - before.totals.handled : 0;
    const calls = (one: Totals) => Object.values(one.operations).reduce((sum, n) => sum + n, 0);
    const callsNow = before ? calls(totals) - calls(before.totals) : 0;
    return {
      type: 'snapshot',
      atMs,
      phase,
      stage: stage?.plan.name ?? null,
      stageElapsedMs: stage ? atMs - stage.plan.startUs / 1000 : 0,
      stageDurationMs: stage ? (stage.plan.endUs - stage.plan.startUs) / 1000 : 0,
      offeredPerSecond: rate(({ offered }) => offered),
      sentPerSecond: rate(({ sent }) => sent),
      handledPerSecond: rate(({ handled }) => handled),
      chainsPerSecond: rate(({ chains }) => chains),
      sent: totals.sent,
      handled: totals.handled,
      inFlight: totals.inFlight,
      latency: this.#points(stage),
      intervalHopP99: hop.count > 0 ? hop.p99 : null,
      intervalChainP99: chain.count > 0 ? chain.p99 : null,
      backlog: this.#backlog(),
      generatorValid: (this.#points(stage).sendLag?.p99 ?? 0) <= 10_000,
      audit: this.#profile.audit
        ? {
            entered: totals.accepted,
            committed: totals.committed,
            redelivered: totals.redelivered,
          }
        : null,
      cpu: {
        generator: rate(({ cpu }) => cpu.generator),
        workers: rate(({ cpu }) => cpu.workers),
        audit: rate(({ cpu }) => cpu.audit),
        view: rate(({ cpu }) => cpu.view),
      },
      storageCallsPerMessage: handledNow > 0 ? callsNow / handledNow : 0,
      storeBytes: this.running.auditor?.auditor?.storeBytes ?? 0,
    };
  }

  #points(stage: StageTally | undefined): Record<LatencyName, LatencyPoint> {
    const point = (name: LatencyName) => (stage ? sumOf(stage.latency, name) : emptySum).point();
    return Object.fromEntries(latencyNames.map((name) => [name, point(name)])) as Record<
      LatencyName,
      LatencyPoint
    >;
  }

  #backlog(): BenchSnapshot['backlog'] {
    const depth = this.running.auditor?.auditor?.depth ?? [];
    return depth.map(([endpoint, { visible, inFlight, delayed }]) => ({
      endpoint,
      messages: visible + inFlight + delayed,
    }));
  }

  #stageResult(stage: StageTally): StageResult {
    const { plan, from, to, latency, hops } = stage;
    const seconds = from && to ? (to.atMs - from.atMs) / 1000 : 0;
    const per = (of: (totals: Totals) => number) =>
      from && to && seconds > 0 ? (of(to.totals) - of(from.totals)) / seconds : 0;
    const planned = (plan.endUs - plan.startUs) / 1e6;
    const handled = per((totals) => totals.handled);
    return {
      name: plan.name,
      measured: plan.measured,
      durationSeconds: seconds,
      offeredPerSecond: planned > 0 ? plan.count / planned : 0,
      sentPerSecond: per(({ sent }) => sent),
      handledPerSecond: handled,
      chainsPerSecond: per(({ chains }) => chains),
      backlog: backlogOf(stage.backlog, handled),
      latency: Object.fromEntries(
        latencyNames.map((name) => [name, sumOf(latency, name).summary()]),
      ) as StageResult['latency'],
      endpoints: this.#profile.deployment.endpoints.map(({ name }) => ({
        name,
        handled:
          from && to ? (to.totals.byEndpoint[name] ?? 0) - (from.totals.byEndpoint[name] ?? 0) : 0,
        hop: sumOf(hops, name).summary(),
      })),
    };
  }
}

const emptySum = new HistogramSum();

function sumOf(sums: Map<string, HistogramSum>, name: string): HistogramSum {
  const known = sums.get(name);
  if (known) return known;
  const sum = new HistogramSum();
  sums.set(name, sum);
  return sum;
}

/** Flat: the largest of the last third is at most 1.2 times that of the first (load-facts). */
function backlogOf(samples: readonly number[], handledPerSecond: number): StageResult['backlog'] {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const firstThirdMax = Math.max(0, ...samples.slice(0, third));
  const lastThirdMax = Math.max(0, ...samples.slice(-third));
  const most = Math.max(1.2 * firstThirdMax, backlogNoiseSeconds * handledPerSecond);
  return { firstThirdMax, lastThirdMax, flat: lastThirdMax <= most };
}
