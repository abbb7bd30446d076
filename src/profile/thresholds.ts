/** Conditions on the numbers of `result.json`: reading them, and judging a result by them. */
import { type MetricUnit, matchMetric, metrics, metricsOfStage } from './metrics.js';
import { nearest } from './nearest.js';
import { parseDuration, parseRate, parseShare, parseSize } from './quantities.js';
import type { Threshold } from './types.js';

/** How one threshold was met; the same fields as in result.json. */
export interface JudgedThreshold {
  readonly text: string;
  readonly metric: string;
  /** `null` when the result has no such number; it then does not hold. */
  readonly actual: number | null;
  readonly holds: boolean;
}

/** Names of the profile that a metric may contain. */
export interface ThresholdNames {
  readonly stages: readonly string[];
  readonly endpoints: readonly string[];
}

/** A threshold, or the reason why the text is none. */
export type ParsedThreshold = { readonly threshold: Threshold } | { readonly refusal: string };

/** Stands for "every measured stage" where a metric names none. */
const everyStage = '@measured';

/**
 * Reads `stages.steady.latency.hop.p99 < 20ms`. Short forms leave out the stage, and `latency`:
 * `hop.p99 < 20ms` is about every measured stage. The value is converted into the metric's unit.
 */
export function parseThreshold(text: string, names: ThresholdNames): ParsedThreshold {
  const [, name, operator, value] =
    /^\s*(\S+)\s*(<=|>=|==|<|>)\s*(.+?)\s*$/.exec(spaced(text)) ?? [];
  if (name === undefined || operator === undefined || value === undefined) {
    return { refusal: 'expected a metric, one of < <= > >= ==, and a value: hop.p99 < 20ms' };
  }
  const full = fullName(name);
  const match = matchMetric(full);
  if (match === null) return { refusal: unknownMetric(name) };
  const unknown = unknownName(match.path, names);
  if (unknown !== null) return { refusal: unknown };
  const amount = valueIn(match.metric.unit, value);
  if (amount === null)
    return { refusal: `expected ${expectations[match.metric.unit]}, got ${value}` };
  return { threshold: { text, metric: full, operator: operator as Operator, value: amount } };
}

type Operator = Threshold['operator'];

/** `p99<20ms` needs no blanks. */
function spaced(text: string): string {
  return text.replace(/<=|>=|==|<|>/, (operator) => ` ${operator} `);
}

function fullName(name: string): string {
  const candidates = [name, `stages.${everyStage}.${name}`, `stages.${everyStage}.latency.${name}`];
  return candidates.find((candidate) => matchMetric(candidate) !== null) ?? name;
}

function unknownMetric(name: string): string {
  const stage = /^stages\.([^.]+)\./.exec(name)?.[1];
  const known = [
    ...metrics.map(({ path }) => path.join('.').replace('*', stage ?? '*')),
    ...metricsOfStage.map(({ path }) => path.join('.')),
    ...metricsOfStage.map(({ path }) => path.slice(1).join('.')),
  ];
  const found = nearest(
    name,
    known.filter((candidate) => !candidate.includes('*')),
  );
  const suggestion = found === null ? '' : `; did you mean "${found}"?`;
  return `result.json has no number "${name}"${suggestion}`;
}

function unknownName(path: readonly string[], names: ThresholdNames): string | null {
  const [root, stage, part, endpoint] = path;
  if (root !== 'stages') return null;
  if (stage !== undefined && stage !== everyStage && !names.stages.includes(stage)) {
    return `there is no stage "${stage}"; there are ${names.stages.join(', ')}`;
  }
  if (part !== 'endpoints' || endpoint === undefined || names.endpoints.includes(endpoint)) {
    return null;
  }
  const near = nearest(endpoint, names.endpoints);
  return `there is no endpoint "${endpoint}"${near === null ? '' : `; did you mean "${near}"?`}`;
}

const expectations: Readonly<Record<MetricUnit, string>> = {
  us: 'a duration with its unit, such as 20ms',
  ms: 'a duration such as 0.8ms, or a number of ms',
  s: 'a duration such as 60s, or a number of seconds',
  bytes: 'a size such as 512MiB, or a number of bytes',
  'per-second': 'a rate such as 745/s, or a number per second',
  count: 'a number',
  number: 'a number',
  flag: 'true or false',
};

/** A latency needs its unit; elsewhere the metric's name says it, or there is only one. */
function valueIn(unit: MetricUnit, text: string): number | null {
  const plain = /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  switch (unit) {
    case 'us':
      return scaled(parseDuration(text), 1000);
    case 'ms':
      return plain ?? parseDuration(text);
    case 's':
      return plain ?? scaled(parseDuration(text), 0.001);
    case 'bytes':
      return plain ?? parseSize(text);
    case 'per-second':
      return plain ?? parseRate(text);
    case 'flag':
      return text === 'true' ? 1 : text === 'false' ? 0 : null;
    default:
      return plain ?? parseShare(text);
  }
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

/**
 * Judges a result (the document of result.json) by the thresholds. A short form takes the worst
 * measured stage. Never throws: a number that is not there does not hold.
 */
export function evaluateThresholds(
  thresholds: readonly Threshold[],
  result: unknown,
): readonly JudgedThreshold[] {
  return thresholds.map(({ text, metric, operator, value }) => {
    const found = matchMetric(metric);
    const actuals = found === null ? [] : readAll(result, found.path);
    const actual = worst(actuals, operator, value);
    return { text, metric, actual, holds: actual !== null && holds(actual, operator, value) };
  });
}

function readAll(result: unknown, path: readonly string[]): readonly (number | null)[] {
  const [root, stage, ...rest] = path;
  if (root !== 'stages' || stage !== everyStage) return [numberAt(result, path)];
  const stages = child(result, 'stages');
  const measured = Array.isArray(stages) ? stages.filter((one) => child(one, 'measured')) : [];
  return measured.map((one) => numberAt(one, rest));
}

function numberAt(value: unknown, path: readonly string[]): number | null {
  const [root, first, second] = path;
  if (root === 'faultCounts' && first !== undefined) return countAt(child(value, root), first);
  if (root === 'operations' && first !== undefined && second !== undefined) {
    return countAt(child(child(value, root), first), second);
  }
  const found = path.reduce<unknown>(child, value);
  if (typeof found === 'boolean') return found ? 1 : 0;
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

/** What is not listed in a table of counts never happened. */
function countAt(counts: unknown, name: string): number | null {
  return typeof counts === 'object' && counts !== null ? (numberAt(counts, [name]) ?? 0) : null;
}

/** A field of an object, or the element of a list that has this name. */
function child(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.find((item) => child(item, 'name') === key);
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function worst(
  actuals: readonly (number | null)[],
  operator: Operator,
  value: number,
): number | null {
  if (actuals.length === 0 || actuals.includes(null)) return null;
  const numbers = actuals.filter((actual) => actual !== null);
  if (operator === '==') return numbers.find((actual) => actual !== value) ?? value;
  return operator.startsWith('<') ? Math.max(...numbers) : Math.min(...numbers);
}

function holds(actual: number, operator: Operator, value: number): boolean {
  switch (operator) {
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case '==':
      return actual === value;
  }
}
