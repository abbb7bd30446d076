import { type BenchResult, type LatencySummary, latencyNames } from '../../src/bench/result.js';
import { loadProfile } from '../../src/profile/load.js';

const summary = (p99: number): LatencySummary => ({
  unit: 'us',
  count: 100,
  p50: 500,
  p90: 800,
  p99,
  p999: p99 * 2,
  max: p99 * 3,
  hdr: 'HISTFAAA',
});

function stage(name: string, measured: boolean, p99: number): BenchResult['stages'][number] {
  const latency = Object.fromEntries(latencyNames.map((one) => [one, summary(p99)]));
  return {
    name,
    measured,
    durationSeconds: 60,
    offeredPerSecond: 50,
    sentPerSecond: 49.9,
    handledPerSecond: 749.8,
    chainsPerSecond: 50,
    backlog: { firstThirdMax: 10, lastThirdMax: 11, flat: true },
    latency: latency as BenchResult['stages'][number]['latency'],
    endpoints: [{ name: 'endpoint-01', handled: 3000, hop: summary(p99) }],
  };
}

const usage = { cpuSeconds: 1, peakRssBytes: 100 * 2 ** 20 };

/** A result of `classic`: warm-up, then two measured stages, the second of them slower. */
export async function sampleResult(): Promise<BenchResult> {
  const { profile, source } = await loadProfile('classic');
  const probe = { p50Ms: 0.5, p99Ms: 1.5, samples: 100 };
  return {
    schema: 'oncectl/bench.result/v1',
    runId: '01',
    status: 'passed',
    verdict: { generator: '', audit: '' },
    startedAt: '',
    endedAt: '',
    command: '',
    profile: { name: profile.name, sha256: source.sha256, resolved: profile },
    environment: {
      node: '',
      cpu: '',
      cores: 2,
      platform: '',
      version: '',
      disk: { before: probe, after: probe, quiet: true },
    },
    stages: [
      stage('warm-up', false, 900_000),
      stage('steady', true, 9000),
      stage('late', true, 15_000),
    ],
    correctness: {
      clean: true,
      lossDecided: true,
      accepted: 3000,
      unknown: 0,
      handled: 45_000,
      lost: 0,
      pending: 0,
      doubled: 0,
      leaked: 0,
      contradicting: 0,
      unbounded: 0,
      redelivered: 4,
      deadLettered: 0,
      discarded: 0,
      orphans: 0,
      firstViolations: [],
    },
    faults: [],
    faultCounts: { duplicate: 3 },
    leftBehind: null,
    drained: true,
    resources: {
      generator: usage,
      workers: { ...usage, perHandledMessageMs: 0.7, processes: 2 },
      audit: usage,
      view: usage,
      server: { cpuSeconds: 4, perHandledMessageMs: 0.1 },
      store: { bytesBefore: 0, bytesAfter: 1000 },
    },
    operations: {
      perHandledMessage: { 'broker.send': 1, 'business.commit': 1 },
      flushesPerHandledMessage: { business: 0.3 },
      counts: { 'broker.send': 45_000, 'business.commit': 45_000 },
    },
    cost: {},
    generator: { valid: true, lagP99Us: 300, reason: null },
    thresholds: [],
    comparison: {},
  };
}
