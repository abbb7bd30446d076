/** Resolves `faults`: what each kind takes, and whether it can strike at all. */
import { amount, type Findings } from './findings.js';
import { boundariesAt } from './islands.js';
import { didYouMean } from './nearest.js';
import type { PathSegment } from './problems.js';
import { formatDuration } from './quantities.js';
import type { RawFault } from './raw.js';
import type { EndpointProfile, FaultKind, FaultProfile } from './types.js';

type OwnKey = 'at' | 'every' | 'until' | 'endpoint' | 'step' | 'share' | 'for' | 'store';

const times = ['at', 'every', 'until'] as const;

/** The keys that mean something to each kind. What has a share strikes all the time. */
const ownKeys: Readonly<Record<FaultKind, readonly OwnKey[]>> = {
  kill: [...times, 'endpoint', 'step'],
  duplicate: ['endpoint', 'share'],
  delay: ['endpoint', 'share', 'for'],
  'drop-ack': ['endpoint', 'share'],
  stall: [...times, 'endpoint', 'step', 'for'],
  partition: [...times, 'for', 'store'],
  'stale-read': ['share'],
};

/** Keys without which a kind says nothing. */
const needed: Readonly<Partial<Record<FaultKind, readonly OwnKey[]>>> = {
  delay: ['for'],
  partition: ['for', 'store'],
};

const usualShare = 0.01;

/** A stall makes a zombie only if it outlives the lease. */
const stallsPerVisibility = 1.5;

/** What faults are checked against. */
export interface FaultSurroundings {
  readonly endpoints: readonly EndpointProfile[];
  readonly visibilityMs: number;
  /** Length of all stages together, ms. */
  readonly loadMs: number;
}

/** The faults with their defaults. */
export function resolveFaults(
  faults: readonly RawFault[],
  around: FaultSurroundings,
  findings: Findings,
): readonly FaultProfile[] {
  return faults.map((fault, index) => resolveFault(fault, ['faults', index], around, findings));
}

function resolveFault(
  fault: RawFault,
  path: readonly PathSegment[],
  around: FaultSurroundings,
  findings: Findings,
): FaultProfile {
  checkKeys(fault, path, findings);
  checkTimes(fault, path, around, findings);
  checkTarget(fault, path, around, findings);
  const withShare = ownKeys[fault.kind].includes('share');
  return {
    kind: fault.kind,
    atMs: amount('duration', fault.at ?? '0s'),
    everyMs: amount('duration', fault.every ?? '0s'),
    untilMs: fault.until === undefined ? null : amount('duration', fault.until),
    endpoint: fault.endpoint ?? null,
    step: fault.step ?? null,
    share: fault.share === undefined ? (withShare ? usualShare : 0) : amount('share', fault.share),
    forMs: lengthOf(fault, around),
    store: fault.store ?? null,
  };
}

function lengthOf(fault: RawFault, { visibilityMs }: FaultSurroundings): number {
  if (fault.for !== undefined) return amount('duration', fault.for);
  return fault.kind === 'stall' ? visibilityMs * stallsPerVisibility : 0;
}

function checkKeys(fault: RawFault, path: readonly PathSegment[], findings: Findings): void {
  const taken = ownKeys[fault.kind];
  for (const key of [...times, 'endpoint', 'step', 'share', 'for', 'store'] as const) {
    if (fault[key] === undefined || taken.includes(key)) continue;
    findings.refuse([...path, key], `a ${fault.kind} has no ${key}; it takes ${taken.join(', ')}`);
  }
  for (const key of needed[fault.kind] ?? []) {
    if (fault[key] === undefined) findings.refuse([...path, key], `a ${fault.kind} needs ${key}`);
  }
}

function checkTimes(
  fault: RawFault,
  path: readonly PathSegment[],
  { loadMs, visibilityMs }: FaultSurroundings,
  findings: Findings,
): void {
  const at = amount('duration', fault.at ?? '0s');
  if (fault.until !== undefined && amount('duration', fault.until) <= at) {
    findings.refuse([...path, 'until'], `ends before it begins (at ${formatDuration(at)})`);
  }
  if (at >= loadMs) {
    const end = formatDuration(loadMs);
    findings.warn([...path, 'at'], `never strikes: the load is over after ${end}`);
  }
  if (
    fault.kind === 'stall' &&
    lengthOf(fault, { visibilityMs, loadMs, endpoints: [] }) <= visibilityMs
  ) {
    const visibility = formatDuration(visibilityMs);
    findings.warn([...path, 'for'], `ends within the visibility of ${visibility}: no redelivery`);
  }
}

function checkTarget(
  fault: RawFault,
  path: readonly PathSegment[],
  { endpoints }: FaultSurroundings,
  findings: Findings,
): void {
  const names = endpoints.map(({ name }) => name);
  const { endpoint, step } = fault;
  if (endpoint !== undefined && !names.includes(endpoint)) {
    const message = `there is no endpoint "${endpoint}"${didYouMean(endpoint, names)}`;
    findings.refuse([...path, 'endpoint'], message);
    return;
  }
  if (step === undefined) return;
  const hit = endpoints.filter(({ name }) => endpoint === undefined || name === endpoint);
  const protocols = [...new Set(hit.map(({ protocol }) => protocol))];
  const known = [...new Set(hit.flatMap(boundariesAt))];
  if (known.includes(step)) return;
  const suggestion = didYouMean(step, known) || `; there are ${known.join(', ')}`;
  const message = `${protocols.join(', ')} has no boundary "${step}"${suggestion}`;
  findings.refuse([...path, 'step'], message);
}
