/** Thresholds while the run goes on: judged on the snapshot where it has the number, else open. */
import type { BenchSnapshot } from '../../bench/events.js';
import { type LatencyName, latencyNames } from '../../bench/result.js';

export interface ThresholdSoFar {
  readonly text: string;
  /** null: not to be told before the end. */
  readonly holds: boolean | null;
}

const shape = /^(\S+?)\s*(<=|>=|==|<|>)\s*([\d.,_]+)\s*([a-zA-Zµ/%]*)$/;

/** Microseconds per unit; rates have none. */
const factors: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1000, s: 1_000_000, m: 6e7 };

const rates = {
  offeredPerSecond: (snapshot: BenchSnapshot) => snapshot.offeredPerSecond,
  sentPerSecond: (snapshot: BenchSnapshot) => snapshot.sentPerSecond,
  handledPerSecond: (snapshot: BenchSnapshot) => snapshot.handledPerSecond,
  chainsPerSecond: (snapshot: BenchSnapshot) => snapshot.chainsPerSecond,
} as const;

/** Judges `text` (`stages.steady.latency.hop.p99 < 20ms`) on what is known so far. */
export function judgeSoFar(text: string, snapshot: BenchSnapshot | null): ThresholdSoFar {
  const [, metric = '', operator = '', number = '', unit = ''] = shape.exec(text) ?? [];
  const actual = snapshot === null ? null : metricValue(metric, snapshot);
  const wanted = Number(number.replaceAll(/[,_]/g, '')) * (factors[unit] ?? 1);
  if (actual === null || Number.isNaN(wanted)) return { text, holds: null };
  return { text, holds: compare(actual, operator, wanted) };
}

function metricValue(metric: string, snapshot: BenchSnapshot): number | null {
  const [head, stage, field, name, quantile] = metric.split('.');
  if (head !== 'stages' || stage !== snapshot.stage || field === undefined) return null;
  if (field === 'latency') return latencyOf(name, quantile, snapshot);
  return Object.hasOwn(rates, field) ? rates[field as keyof typeof rates](snapshot) : null;
}

function latencyOf(
  name: string | undefined,
  quantile: string | undefined,
  snapshot: BenchSnapshot,
): number | null {
  if (!latencyNames.includes(name as LatencyName)) return null;
  const point = snapshot.latency[name as LatencyName];
  if (point.count === 0 || quantile === undefined || !Object.hasOwn(point, quantile)) return null;
  return point[quantile as keyof typeof point];
}

function compare(actual: number, operator: string, wanted: number): boolean | null {
  switch (operator) {
    case '<':
      return actual < wanted;
    case '<=':
      return actual <= wanted;
    case '>':
      return actual > wanted;
    case '>=':
      return actual >= wanted;
    case '==':
      return actual === wanted;
    default:
      return null;
  }
}
