/**
 * Every number of `result.json` that a threshold may name. Profiles stand below the bench, so the
 * names are written down here; a test compares them with a result.
 */

/** What the number counts; thresholds are converted into it. A flag is 1 or 0. */
export type MetricUnit = 'us' | 'ms' | 's' | 'bytes' | 'per-second' | 'count' | 'number' | 'flag';

/** A path into result.json; `*` stands for a name (stage, endpoint). */
export interface Metric {
  readonly path: readonly string[];
  readonly unit: MetricUnit;
}

const latencies = ['sendLag', 'publish', 'queueWait', 'processing', 'hop', 'chain'];
const percentiles = ['p50', 'p90', 'p99', 'p999', 'max'];

const counts = [
  'accepted',
  'unknown',
  'handled',
  'lost',
  'pending',
  'doubled',
  'leaked',
  'contradicting',
  'unbounded',
  'redelivered',
  'deadLettered',
  'discarded',
  'orphans',
];

/** Faults of single messages, which a result counts rather than lists. */
const messageFaults = ['duplicate', 'delay', 'drop-ack'];

/** Port operations, as the meter names them. */
const operations = [
  'broker.send',
  'broker.receive',
  'broker.ack',
  'broker.release',
  'broker.extend',
  'broker.deadLetter',
  'business.load',
  'business.commit',
  'business.settle',
  'dedupe.has',
  'dedupe.add',
  'payload.put',
  'payload.get',
  'payload.delete',
  'island.enter',
  'island.transact',
];

function metric(unit: MetricUnit, ...path: readonly string[]): Metric {
  return { path, unit };
}

function summary(...path: readonly string[]): readonly Metric[] {
  const times = percentiles.map((name) => metric('us', ...path, name));
  return [metric('count', ...path, 'count'), ...times];
}

function stageMetrics(): readonly Metric[] {
  const rates = ['offered', 'sent', 'handled', 'chains'].map((name) => `${name}PerSecond`);
  return [
    metric('s', 'durationSeconds'),
    ...rates.map((name) => metric('per-second', name)),
    metric('count', 'backlog', 'firstThirdMax'),
    metric('count', 'backlog', 'lastThirdMax'),
    metric('flag', 'backlog', 'flat'),
    metric('flag', 'measured'),
    ...latencies.flatMap((name) => summary('latency', name)),
    metric('count', 'endpoints', '*', 'handled'),
    ...summary('endpoints', '*', 'hop'),
  ];
}

function resourceMetrics(): readonly Metric[] {
  const processes = ['generator', 'workers', 'audit', 'view'];
  return [
    ...processes.map((name) => metric('s', 'resources', name, 'cpuSeconds')),
    ...processes.map((name) => metric('bytes', 'resources', name, 'peakRssBytes')),
    metric('ms', 'resources', 'workers', 'perHandledMessageMs'),
    metric('s', 'resources', 'server', 'cpuSeconds'),
    metric('ms', 'resources', 'server', 'perHandledMessageMs'),
    metric('count', 'resources', 'workers', 'processes'),
    metric('bytes', 'resources', 'store', 'bytesBefore'),
    metric('bytes', 'resources', 'store', 'bytesAfter'),
  ];
}

function environmentMetrics(): readonly Metric[] {
  const probes = ['before', 'after'].flatMap((when) => [
    metric('ms', 'environment', 'disk', when, 'p50Ms'),
    metric('ms', 'environment', 'disk', when, 'p99Ms'),
    metric('count', 'environment', 'disk', when, 'samples'),
  ]);
  return [
    metric('count', 'environment', 'cores'),
    metric('flag', 'environment', 'disk', 'quiet'),
    ...probes,
  ];
}

/** Where group commit is at work. */
const stores = [
  ...['broker', 'business', 'dedupe', 'payload', 'island'],
  // PostgreSQL's stores share their round trips; on S3 and DynamoDB the audit's are apart.
  ...['writes', 'reads', 'leases', 'audit', 'maintenance'],
] as const;

/** Metrics of one stage, below `stages.NAME`. */
export const metricsOfStage: readonly Metric[] = stageMetrics();

/** Every metric of a result. */
export const metrics: readonly Metric[] = [
  ...metricsOfStage.map(({ path, unit }) => metric(unit, 'stages', '*', ...path)),
  metric('flag', 'correctness', 'clean'),
  metric('flag', 'correctness', 'lossDecided'),
  ...counts.map((name) => metric('count', 'correctness', name)),
  metric('flag', 'drained'),
  ...messageFaults.map((name) => metric('count', 'faultCounts', name)),
  ...resourceMetrics(),
  ...operations.map((name) => metric('number', 'operations', 'perHandledMessage', name)),
  ...operations.map((name) => metric('count', 'operations', 'counts', name)),
  ...stores.map((name) => metric('number', 'operations', 'flushesPerHandledMessage', name)),
  metric('flag', 'generator', 'valid'),
  metric('us', 'generator', 'lagP99Us'),
  ...environmentMetrics(),
];

/** A metric's name with its stars filled in. */
export interface MetricMatch {
  readonly metric: Metric;
  /** The path with names instead of stars. */
  readonly path: readonly string[];
}

/** Finds the metric that a dotted name means. Endpoint names may contain dots, stage names not. */
export function matchMetric(name: string): MetricMatch | null {
  for (const candidate of metrics) {
    const found = patternOf(candidate).exec(name);
    if (found === null) continue;
    const names = found.slice(1);
    const path = candidate.path.map((part) => (part === '*' ? (names.shift() ?? part) : part));
    return { metric: candidate, path };
  }
  return null;
}

function patternOf({ path }: Metric): RegExp {
  const parts = path.map((part, depth) => {
    if (part !== '*') return part.replaceAll('.', '\\.');
    return depth === 1 ? '([^.]+)' : '(.+)';
  });
  return new RegExp(`^${parts.join('\\.')}$`);
}
