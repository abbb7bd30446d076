/**
 * A bench as the live view sees it, made of nothing but arithmetic: 10 s of warm-up, 60 s measured,
 * kills and a stall, duplicates, a drain and a result. The same every time.
 */

const endpoints = [
  ...['orders', 'billing', 'payments', 'shipping', 'stock', 'notify', 'ledger', 'invoices'],
  ...['loyalty', 'returns', 'search', 'audit-log', 'reports', 'archive', 'mailer'],
];
const warmUpMs = 10_000;
const steadyMs = 60_000;

const latencyScale = {
  sendLag: 0.08,
  publish: 2.1,
  queueWait: 3.4,
  processing: 2.6,
  hop: 6.2,
  chain: 96,
};

export const start = {
  type: 'start',
  runId: '20260301-084100-classic',
  folder: 'runs/20260301-084100-classic',
  profile: 'classic',
  protocol: 'dedupe-store',
  backend: 'embedded',
  seed: 42,
  endpoints,
  stages: [
    { name: 'warm-up', measured: false, durationMs: warmUpMs },
    { name: 'steady', measured: true, durationMs: steadyMs },
  ],
  plannedEntering: 3500,
  plannedHandled: 52_500,
  thresholds: [
    'stages.steady.latency.hop.p99 < 20ms',
    'stages.steady.handledPerSecond > 745',
    'correctness.lost == 0',
  ],
};

const strikes = [
  kill(23_400, 'orders', 'after commit', 212),
  kill(31_200, 'payments', 'after dispatch', 904),
  { ...kill(46_000, 'billing', 'after load', null), kind: 'stall', counts: true },
];

function kill(atMs, endpoint, step, recoveredMs) {
  const messageId = '01J9Z4K7QF000000000000001A';
  return { kind: 'kill', atMs, endpoint, step, messageId, recoveredMs, counts: false };
}

/** Slow for three seconds after a strike. */
function trouble(second) {
  return strikes.some((fault) => second >= fault.atMs / 1000 && second < fault.atMs / 1000 + 3);
}

function point(name, second) {
  const p50 = latencyScale[name] * 500 * (1 + 0.05 * Math.sin(second));
  const slow = trouble(second) ? 4 : 1;
  const rounded = (factor) => Math.round(p50 * factor);
  return {
    count: second * 750,
    p50: rounded(1),
    p90: rounded(1.7),
    p99: rounded(2.9 * slow),
    p999: rounded(6 * slow),
    max: rounded(11 * slow),
  };
}

function latencies(second) {
  return Object.fromEntries(Object.keys(latencyScale).map((name) => [name, point(name, second)]));
}

export function snapshot(second) {
  const measuring = second * 1000 > warmUpMs;
  const dip = trouble(second) ? 0.72 : 1;
  const handledPerSecond = (second < 3 ? second / 3 : dip) * (750 + 4 * Math.sin(second * 2));
  return {
    type: 'snapshot',
    atMs: second * 1000,
    phase: measuring ? 'measuring' : 'warming-up',
    stage: measuring ? 'steady' : 'warm-up',
    stageElapsedMs: measuring ? second * 1000 - warmUpMs : second * 1000,
    stageDurationMs: measuring ? steadyMs : warmUpMs,
    offeredPerSecond: 50,
    sentPerSecond: 49.98,
    handledPerSecond,
    chainsPerSecond: handledPerSecond / 15,
    sent: second * 50,
    handled: second * 745,
    inFlight: trouble(second) ? 180 : 7,
    latency: latencies(second),
    intervalHopP99: point('hop', second).p99,
    intervalChainP99: second < 2 ? null : point('chain', second).p99,
    backlog: endpoints.map((endpoint, index) => ({
      endpoint,
      messages:
        (trouble(second) ? 12 : 0) * ((index * 7) % 5) + ((second + index) % 3 === 0 ? 1 : 0),
    })),
    generatorValid: true,
    audit: { entered: second * 50, committed: second * 744, redelivered: second * 8 },
    cpu: { generator: 0.04, workers: 0.31, audit: 0.06, view: 0.02 },
    storageCallsPerMessage: 8.02,
    storeBytes: 9_400_000,
  };
}

function duplicate(second) {
  const fault = { ...kill(second * 1000 + 300, 'stock', null, 0), kind: 'duplicate', counts: true };
  return { type: 'fault', fault };
}

/** Events of the first `seconds`, each with the second it comes at. */
export function recording(seconds = 70) {
  const events = [{ at: 0, event: start }, phase(0, 'warming-up', 'warm-up')];
  for (let second = 1; second <= seconds; second += 1) {
    if (second === 10) events.push(phase(second, 'measuring', 'steady'));
    for (const fault of strikes) {
      if (Math.floor(fault.atMs / 1000) !== second) continue;
      const early = { ...fault, recoveredMs: null };
      events.push({ at: second, event: { type: 'fault', fault: early } });
    }
    for (const fault of strikes) {
      if (
        fault.recoveredMs === null ||
        Math.ceil((fault.atMs + fault.recoveredMs) / 1000) !== second
      )
        continue;
      events.push({ at: second, event: { type: 'fault', fault } });
    }
    if (second % 4 === 0) events.push({ at: second, event: duplicate(second) });
    events.push({ at: second, event: snapshot(second) });
  }
  return events;
}

/**
 * @param {number} at
 * @param {string} name
 * @param {string | null} [stage]
 * @param {string | null} [note]
 */
export function phase(at, name, stage = null, note = null) {
  return { at, event: { type: 'phase', phase: name, stage, note } };
}

function summary(name, count) {
  const { p50, p90, p99, p999, max } = point(name, 60);
  return { unit: 'us', count, p50, p90, p99, p999, max, hdr: '' };
}

function stageResult(stage) {
  const seconds = stage.durationMs / 1000;
  return {
    name: stage.name,
    measured: stage.measured,
    durationSeconds: seconds,
    offeredPerSecond: 50,
    sentPerSecond: 49.99,
    handledPerSecond: 749.6,
    chainsPerSecond: 49.97,
    backlog: { firstThirdMax: 41, lastThirdMax: 44, flat: true },
    latency: Object.fromEntries(
      Object.keys(latencyScale).map((name) => [name, summary(name, 750 * seconds)]),
    ),
    endpoints: endpoints.map((name, index) => ({
      name,
      handled: 50 * seconds,
      hop: { ...summary('hop', 50 * seconds), p99: 9000 + (index === 2 ? 30_000 : index * 10) },
    })),
  };
}

export const cleanAudit = {
  clean: true,
  lossDecided: true,
  accepted: 3500,
  unknown: 0,
  handled: 52_500,
  lost: 0,
  pending: 0,
  doubled: 0,
  leaked: 0,
  contradicting: 0,
  unbounded: 0,
  redelivered: 541,
  deadLettered: 0,
  discarded: 0,
  orphans: 0,
  firstViolations: [],
};

export const violatedAudit = {
  ...cleanAudit,
  clean: false,
  lost: 1,
  doubled: 3,
  firstViolations: [
    {
      invariant: 'I2',
      endpoint: 'payments',
      messageId: '01J9Z4K7QF000000000000001A',
      what: 'committed 2 times',
      history: [
        'entered  orders  01J9Z4K7QF',
        'commit   payments  version 41',
        'commit   payments  v42',
      ],
    },
  ],
};

const environment = {
  node: 'v20.20.2',
  cpu: 'Example CPU 3.0 GHz',
  cores: 2,
  platform: 'linux x64',
  version: '0.1.0',
  disk: {
    before: { p50Ms: 0.4, p99Ms: 1.1, samples: 200 },
    after: { p50Ms: 0.4, p99Ms: 1.3, samples: 200 },
    quiet: true,
  },
};

const resources = {
  generator: { cpuSeconds: 2.8, peakRssBytes: 91_000_000 },
  workers: {
    cpuSeconds: 19.7,
    peakRssBytes: 212_000_000,
    perHandledMessageMs: 0.42,
    processes: 2,
  },
  audit: { cpuSeconds: 3.1, peakRssBytes: 130_000_000 },
  view: { cpuSeconds: 1.2, peakRssBytes: 104_000_000 },
  store: { bytesBefore: 200_000, bytesAfter: 41_000_000 },
};

/** The result of the recorded run; `changes` replace top-level fields. */
export function result(changes = {}) {
  return {
    schema: 'oncectl/bench.result/v1',
    runId: start.runId,
    status: 'passed',
    verdict: {
      generator: 'The generator kept up: send lag p99 0.11 ms, rate within 0.02 %.',
      audit: 'Nothing was lost, applied twice or leaked: 52,500 commits of 3,500 entered messages.',
    },
    startedAt: '2026-03-01T08:41:00.000Z',
    endedAt: '2026-03-01T08:42:15.000Z',
    command: 'oncectl bench run classic',
    profile: { name: 'classic', sha256: 'a'.repeat(64), resolved: profile },
    environment,
    stages: start.stages.map(stageResult),
    correctness: cleanAudit,
    leftBehind: null,
    faults: [
      ...strikes,
      ...[8, 12, 16].map((second) => duplicate(second).fault),
      kill(50_000, 'orders', 'after load', 230),
    ],
    resources,
    operations: {
      perHandledMessage: {
        'broker.receive': 1.01,
        'business.load': 1.01,
        'dedupe.has': 1.01,
        'business.commit': 1,
        'broker.send': 1,
        'dedupe.add': 1,
        'business.settle': 1,
        'broker.ack': 1,
      },
      counts: { 'broker.receive': 45_400, 'business.load': 45_400, 'business.commit': 45_000 },
    },
    cost: {},
    generator: { valid: true, lagP99Us: 110, reason: null },
    thresholds: [
      {
        text: 'stages.steady.latency.hop.p99 < 20ms',
        metric: 'stages.steady.latency.hop.p99',
        actual: 8990,
        holds: true,
      },
      {
        text: 'stages.steady.handledPerSecond > 760',
        metric: 'stages.steady.handledPerSecond',
        actual: 749.6,
        holds: false,
      },
    ],
    comparison: {},
    ...changes,
  };
}

const profile = {
  name: 'classic',
  description: '',
  seed: 42,
  audit: true,
  workers: 2,
  deployment: {
    protocol: 'dedupe-store',
    ...{ broker: 'embedded', business: 'embedded', dedupe: 'embedded', payload: 'embedded' },
    islands: [],
  },
};
