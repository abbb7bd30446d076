/** Resolves `load`: rate, keys, where messages enter, and the stages. */
import { asList } from './endpoints.js';
import { amount, type Findings } from './findings.js';
import { didYouMean } from './nearest.js';
import type { PathSegment } from './problems.js';
import type { RawKeys, RawLoad, RawStage } from './raw.js';
import type { EndpointProfile, LoadProfile, Stage } from './types.js';

const defaultWarmup = '5s';
const defaultDuration = '60s';
const defaultCount = 5;

/** The load with every stage spelt out. */
export function resolveLoad(
  load: RawLoad,
  endpoints: readonly EndpointProfile[],
  findings: Findings,
): LoadProfile {
  const rate = load.rate === undefined ? null : amount('rate', load.rate);
  const stages = resolveStages(load, rate, findings);
  return {
    ratePerSecond: rate ?? stages.find(({ measured }) => measured)?.fromPerSecond ?? 0,
    arrival: load.arrival,
    payloadBytes: amount('size', load.payload),
    keys: resolveKeys(load.keys, findings),
    enter: resolveEnter(load, endpoints, findings),
    stages,
  };
}

function resolveKeys(keys: number | RawKeys, findings: Findings): LoadProfile['keys'] {
  if (typeof keys === 'number') return { count: keys, distribution: 'uniform', skew: 0 };
  const { count, distribution, skew } = keys;
  const path = ['load', 'keys', 'skew'];
  const usual = { uniform: 0, zipf: 1, hot: 0.5 }[distribution];
  const value = skew === undefined ? usual : amount('share', skew);
  if (distribution === 'uniform' && skew !== undefined) {
    findings.refuse(path, 'does nothing with distribution: uniform; choose zipf or hot');
  }
  if (distribution === 'hot' && (value <= 0 || value > 1)) {
    findings.refuse(path, 'the share of the hot key must be more than 0 % and at most 100 %');
  }
  if (distribution === 'zipf' && value <= 0) findings.refuse(path, 'must be more than 0');
  return { count, distribution, skew: value };
}

function resolveEnter(
  load: RawLoad,
  endpoints: readonly EndpointProfile[],
  findings: Findings,
): readonly string[] {
  const names = endpoints.map(({ name }) => name);
  const receivers = new Set(endpoints.flatMap(({ sendsTo }) => sendsTo));
  const entering = asList(load.enter ?? names.filter((name) => !receivers.has(name)));
  for (const name of entering.filter((entered) => !names.includes(entered))) {
    findings.refuse(['load', 'enter'], `there is no endpoint "${name}"${didYouMean(name, names)}`);
  }
  if (entering.length === 0 && findings.clean) {
    const message = 'every endpoint gets messages from another one: say where messages enter';
    findings.refuse(['load', 'enter'], message);
  }
  warnOfUnreached(entering, endpoints, findings);
  return entering;
}

function warnOfUnreached(
  entering: readonly string[],
  endpoints: readonly EndpointProfile[],
  findings: Findings,
): void {
  const reached = new Set(entering);
  for (const name of reached) {
    const endpoint = endpoints.find((candidate) => candidate.name === name);
    for (const receiver of endpoint?.sendsTo ?? []) reached.add(receiver);
  }
  for (const [index, { name }] of endpoints.entries()) {
    if (reached.has(name)) continue;
    findings.warn(['deployment', 'endpoints', index], `no message ever gets to "${name}"`);
  }
}

function resolveStages(load: RawLoad, rate: number | null, findings: Findings): readonly Stage[] {
  if (load.stages === undefined) {
    if (rate === null) findings.refuse(['load', 'rate'], 'is missing: how many messages enter');
    const duration = load.duration ?? defaultDuration;
    const steady = constant('steady', true, amount('duration', duration), rate ?? 1);
    checkEnters(steady, ['load', 'duration'], findings);
    return [...warmup(load.warmup ?? defaultWarmup, rate ?? 1), steady];
  }
  if (load.duration !== undefined) {
    findings.refuse(['load', 'duration'], 'either duration or stages, not both');
  }
  const stages = load.stages.map((stage, index) => resolveStage(stage, index, rate, findings));
  checkStages(load, stages, findings);
  return [...warmup(load.warmup ?? '0s', stages[0]?.fromPerSecond ?? 1), ...stages];
}

function warmup(duration: string, perSecond: number): readonly Stage[] {
  const durationMs = amount('duration', duration);
  return durationMs === 0 ? [] : [constant('warm-up', false, durationMs, perSecond)];
}

function constant(name: string, measured: boolean, durationMs: number, rate: number): Stage {
  const ends = { fromPerSecond: rate, toPerSecond: rate };
  return { name, measured, durationMs, shape: 'constant', ...ends, count: 1 };
}

function resolveStage(
  stage: RawStage,
  index: number,
  rate: number | null,
  findings: Findings,
): Stage {
  const path = ['load', 'stages', index];
  const varies = stage.from !== undefined || stage.to !== undefined;
  const shape = stage.shape ?? (varies ? 'ramp' : 'constant');
  const { name, measured } = stage;
  const durationMs = amount('duration', stage.duration);
  const resolved =
    shape === 'constant'
      ? resolveConstant(stage, constant(name, measured, durationMs, 1), rate, path, findings)
      : resolveVarying(stage, { name, measured, durationMs, shape }, rate, path, findings);
  checkEnters(resolved, path, findings);
  return resolved;
}

function resolveConstant(
  stage: RawStage,
  shape: Stage,
  rate: number | null,
  path: readonly PathSegment[],
  findings: Findings,
): Stage {
  for (const key of ['from', 'to', 'count'] as const) {
    if (stage[key] === undefined) continue;
    findings.refuse(
      [...path, key],
      'a constant stage has a rate; from, to, count are for the others',
    );
  }
  const perSecond = stage.rate === undefined ? rate : amount('rate', stage.rate);
  if (perSecond === null) {
    findings.refuse([...path, 'rate'], 'is missing, and there is no load.rate');
    return shape;
  }
  return { ...shape, fromPerSecond: perSecond, toPerSecond: perSecond };
}

function resolveVarying(
  stage: RawStage,
  shape: Pick<Stage, 'name' | 'measured' | 'durationMs' | 'shape'>,
  rate: number | null,
  path: readonly PathSegment[],
  findings: Findings,
): Stage {
  if (stage.rate !== undefined)
    findings.refuse([...path, 'rate'], `a ${shape.shape} has from and to`);
  if (stage.count !== undefined && shape.shape === 'ramp') {
    findings.refuse([...path, 'count'], 'a ramp has no steps; write shape: step');
  }
  const from = stage.from === undefined ? rate : amount('rate', stage.from);
  const to = stage.to === undefined ? null : amount('rate', stage.to);
  if (from === null) findings.refuse([...path, 'from'], 'is missing, and there is no load.rate');
  if (to === null)
    findings.refuse([...path, 'to'], `is missing: where the ${shape.shape} leads to`);
  if (from !== null && to !== null && shape.shape === 'burst' && to <= from) {
    findings.refuse([...path, 'to'], 'a burst must be faster than the base it starts from');
  }
  const count = shape.shape === 'ramp' ? 1 : (stage.count ?? defaultCount);
  return { ...shape, fromPerSecond: from ?? 1, toPerSecond: to ?? from ?? 1, count };
}

/** A measured stage in which nothing happens has no figures. */
function checkEnters(stage: Stage, path: readonly PathSegment[], findings: Findings): void {
  const fastest = Math.max(stage.fromPerSecond, stage.toPerSecond);
  if ((fastest * stage.durationMs) / 1000 >= 1) return;
  findings.refuse(path, 'not one message would enter in that time at that rate');
}

function checkStages(load: RawLoad, stages: readonly Stage[], findings: Findings): void {
  const seen = new Set(load.warmup === undefined ? [] : ['warm-up']);
  for (const [index, { name }] of stages.entries()) {
    const path = ['load', 'stages', index, 'name'];
    if (seen.has(name)) findings.refuse(path, `there are two stages named "${name}"`);
    seen.add(name);
  }
  if (!stages.some(({ measured }) => measured)) {
    findings.refuse(['load', 'stages'], 'no stage is measured');
  }
  const ownRates = load.stages?.every(({ rate, from }) => rate !== undefined || from !== undefined);
  if (load.rate !== undefined && ownRates === true) {
    findings.warn(['load', 'rate'], 'changes nothing: every stage has a rate of its own');
  }
}
