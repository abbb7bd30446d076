/** How a deployment is: each endpoint, the workers, and what operators began and did not end. Reads only. */

import { beatEveryMs } from '../../engine/control/heartbeat.js';
import { type Pause, readPauses } from '../../engine/control/pauses.js';
import { type Pulse, type PulseError, readWorkers } from '../../engine/control/workers.js';
import type { Count } from '../../engine/upkeep.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { type RunFigures, runFigures } from './run-figures.js';
import { type UnfinishedAction, unfinishedActions } from './unfinished.js';

/** From the worst to the best. */
export const endpointStates = ['stuck', 'dead', 'late', 'paused', 'ok'] as const;

/**
 * `stuck`: entries or slots undispatched for too long. `dead`: dead letters. `late`: its oldest message
 * waits for too long, and it is not paused.
 */
export type EndpointState = (typeof endpointStates)[number];

export interface EndpointStatus {
  readonly endpoint: string;
  readonly protocol: string;
  readonly state: EndpointState;
  /** Handled by all workers; null when no worker tells. */
  readonly perSecond: number | null;
  /** Visible, delayed and in flight. */
  readonly backlog: number;
  readonly visible: number;
  readonly delayed: number;
  readonly inFlight: number;
  /** Since when the oldest waits, ms since the epoch; null for an empty queue. */
  readonly oldestAt: number | null | 'unknown';
  /** From being sent to being committed, of the slowest worker, microseconds. */
  readonly p99: number | null;
  readonly stuck: Count;
  /** Commit of the oldest that is stuck. */
  readonly oldestStuckAt: number | null;
  readonly dead: number;
  readonly lastError: PulseError | null;
  /** null: it is not paused. */
  readonly pause: Pause | null;
  /** Workers alive that handle it; null: not known. */
  readonly workers: number | null;
}

export interface WorkerStatus extends Pick<Pulse, 'name' | 'host' | 'pid' | 'since' | 'at'> {
  /** It told of itself when it last had to. */
  readonly alive: boolean;
  readonly endpoints: readonly string[];
}

export interface DeploymentStatus {
  readonly at: number;
  /** In the order that was asked for. */
  readonly endpoints: readonly EndpointStatus[];
  /** null: the workers of a bench, which keep no roster. */
  readonly workers: readonly WorkerStatus[] | null;
  readonly unfinished: readonly UnfinishedAction[];
  /** Of a run that is going on; null: it is none. */
  readonly run: RunFigures | null;
  readonly coverage: readonly Coverage[];
}

export interface StatusQuery {
  /** Undispatched or waiting for longer than this, ms, is trouble. */
  readonly olderThanMs: number;
  readonly sort: 'trouble' | 'name' | 'backlog';
}

/** Three beats left out: it is not known to be alive. */
const silentAfterMs = 3 * beatEveryMs;
const countAtMost = 100_000;

/** Rejects with the stores' errors. */
export async function statusOf(
  operation: Operation,
  { olderThanMs, sort }: StatusQuery,
): Promise<DeploymentStatus> {
  const at = Date.now();
  const [pulses, pauses, unfinished, run] = await Promise.all([
    readWorkers(operation.cells),
    readPauses(operation.cells),
    unfinishedActions(operation, at - olderThanMs),
    runFigures(operation),
  ]);
  const ofBench = operation.evidenceFolder !== null && pulses.length === 0;
  const around = { pulses: alive(pulses, at), pauses, ofBench, olderThan: at - olderThanMs };
  const endpoints = await Promise.all(
    operation.endpoints.map((endpoint) => endpointStatus(endpoint, around)),
  );
  return {
    at,
    endpoints: sorted(endpoints, sort),
    workers: ofBench ? null : pulses.map((pulse) => workerStatus(pulse, at)),
    unfinished,
    run,
    coverage: coverageOf(operation, endpoints, ofBench),
  };
}

interface Around {
  /** Of workers alive. */
  readonly pulses: readonly Pulse[];
  readonly pauses: Readonly<Record<string, Pause>>;
  readonly ofBench: boolean;
  readonly olderThan: number;
}

async function endpointStatus(
  { name, protocol, ports, upkeep }: OperatedEndpoint,
  { pulses, pauses, ofBench, olderThan }: Around,
): Promise<EndpointStatus> {
  const { broker, business } = upkeep;
  const [depth, oldestAt, stuck, [oldestStuck]] = await Promise.all([
    ports.broker.depth(name),
    broker.oldest(name),
    business.countPending(name, olderThan, countAtMost),
    business.oldestPending(name, olderThan, 1),
  ]);
  const told = pulses.flatMap(({ endpoints }) => endpoints[name] ?? []);
  const pause = pauses[name] ?? null;
  const { visible, delayed, inFlight, dead } = depth;
  const isLate = typeof oldestAt === 'number' && oldestAt < olderThan && pause === null;
  const errors = told.flatMap(({ lastError }) => lastError ?? []);
  return {
    endpoint: name,
    protocol: protocol.name,
    state: stateOf({
      isStuck: stuck.count > 0,
      isDead: dead > 0,
      isLate,
      isPaused: pause !== null,
    }),
    perSecond: told.length === 0 ? null : sum(told.map(({ perSecond }) => perSecond)),
    ...{ backlog: visible + delayed + inFlight, visible, delayed, inFlight, oldestAt },
    p99: largest(told.flatMap(({ p99 }) => p99 ?? [])),
    ...{ stuck, oldestStuckAt: oldestStuck?.committedAt ?? null, dead },
    lastError: errors.sort((left, right) => right.at - left.at)[0] ?? null,
    pause,
    workers: ofBench ? null : told.length,
  };
}

function stateOf(is: {
  readonly isStuck: boolean;
  readonly isDead: boolean;
  readonly isLate: boolean;
  readonly isPaused: boolean;
}): EndpointState {
  if (is.isStuck) return 'stuck';
  if (is.isDead) return 'dead';
  if (is.isLate) return 'late';
  return is.isPaused ? 'paused' : 'ok';
}

function alive(pulses: readonly Pulse[], now: number): readonly Pulse[] {
  return pulses.filter(({ at }) => now - at <= silentAfterMs);
}

function workerStatus({ endpoints, ...pulse }: Pulse, now: number): WorkerStatus {
  const { name, host, pid, since, at } = pulse;
  const isAlive = now - at <= silentAfterMs;
  return { ...{ name, host, pid, since, at }, alive: isAlive, endpoints: Object.keys(endpoints) };
}

/** Equal ones stay in the order of the profile, which is that of the chain. */
function sorted(
  endpoints: readonly EndpointStatus[],
  by: StatusQuery['sort'],
): readonly EndpointStatus[] {
  const all = [...endpoints];
  if (by === 'name') return all.sort((left, right) => (left.endpoint < right.endpoint ? -1 : 1));
  if (by === 'backlog') return all.sort((left, right) => right.backlog - left.backlog);
  const rank = ({ state }: EndpointStatus) => endpointStates.indexOf(state);
  return all.sort(
    (left, right) =>
      rank(left) - rank(right) ||
      right.stuck.count - left.stuck.count ||
      right.dead - left.dead ||
      (left.state === 'ok' ? 0 : right.backlog - left.backlog),
  );
}

function coverageOf(
  { endpoints: operated }: Operation,
  endpoints: readonly EndpointStatus[],
  ofBench: boolean,
): readonly Coverage[] {
  const unknown = endpoints.filter(({ oldestAt }) => oldestAt === 'unknown');
  const ages: Coverage[] = unknown.map(({ endpoint }) => ({
    ...{ endpoint, store: 'broker', searched: false },
    why: 'this broker does not tell how old its oldest message is',
  }));
  const tokens = operated.filter(({ protocol }) => usesPayloads(protocol.name));
  const orphans: Coverage[] = tokens.map(({ name }) => ({
    ...{ endpoint: name, store: 'payload', searched: false },
    why: 'orphaned payloads are not looked for: oncectl token list does',
  }));
  const workers: Coverage[] = endpoints.map(({ endpoint }) => ({
    ...{ endpoint, store: 'business', searched: false },
    why: "a bench's own workers tell nothing of an endpoint's rate, latency and errors",
  }));
  return [...ages, ...orphans, ...(ofBench ? workers : [])];
}

function usesPayloads(protocol: string): boolean {
  return protocol === 'token' || protocol === 'register-commit-publish';
}

function sum(figures: readonly number[]): number {
  return Math.round(figures.reduce((total, figure) => total + figure, 0) * 10) / 10;
}

function largest(figures: readonly number[]): number | null {
  return figures.length === 0 ? null : Math.max(...figures);
}
