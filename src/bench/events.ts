/**
 * What a running bench tells whoever watches: the live view, the plain reporter, the NDJSON stream.
 * Times are ms since the load began unless they say otherwise.
 */
import type { LatencyPoint } from '../load/latency.js';
import type { BenchResult, FaultRecord, LatencyName } from './result.js';

export type { LatencyPoint } from '../load/latency.js';

export type BenchPhase =
  | 'preparing'
  | 'warming-up'
  | 'measuring'
  | 'draining'
  | 'auditing'
  | 'reporting'
  | 'done';

export interface BenchStart {
  readonly type: 'start';
  readonly runId: string;
  readonly folder: string;
  readonly profile: string;
  readonly protocol: string;
  readonly backend: string;
  readonly seed: number;
  readonly endpoints: readonly string[];
  readonly stages: readonly {
    readonly name: string;
    readonly measured: boolean;
    readonly durationMs: number;
  }[];
  /** Messages that the schedule will enter over all stages, and hops they cause. */
  readonly plannedEntering: number;
  readonly plannedHandled: number;
  readonly thresholds: readonly string[];
}

export interface BenchPhaseChange {
  readonly type: 'phase';
  readonly phase: BenchPhase;
  readonly stage: string | null;
  readonly note: string | null;
}

/** About once a second while the bench runs. */
export interface BenchSnapshot {
  readonly type: 'snapshot';
  readonly atMs: number;
  readonly phase: BenchPhase;
  readonly stage: string | null;
  readonly stageElapsedMs: number;
  readonly stageDurationMs: number;
  /** Over the last interval, per second. */
  readonly offeredPerSecond: number;
  readonly sentPerSecond: number;
  readonly handledPerSecond: number;
  readonly chainsPerSecond: number;
  /** Since the load began. */
  readonly sent: number;
  readonly handled: number;
  readonly inFlight: number;
  /** This stage so far, microseconds. */
  readonly latency: Readonly<Record<LatencyName, LatencyPoint>>;
  /** Hop p99 of the last interval alone, microseconds; null when nothing was handled. */
  readonly intervalHopP99: number | null;
  readonly intervalChainP99: number | null;
  readonly backlog: readonly { readonly endpoint: string; readonly messages: number }[];
  /** The generator keeps up (lag p99 of the stage in bounds). */
  readonly generatorValid: boolean;
  readonly audit: {
    readonly entered: number;
    readonly committed: number;
    readonly redelivered: number;
  } | null;
  /** Share of one core over the last interval, 0..n. */
  readonly cpu: {
    readonly generator: number;
    readonly workers: number;
    readonly audit: number;
    readonly view: number;
  };
  readonly storageCallsPerMessage: number;
  /** Size of an embedded deployment's files. */
  readonly storeBytes: number;
}

export interface BenchFault {
  readonly type: 'fault';
  readonly fault: FaultRecord;
}

export interface BenchWarning {
  readonly type: 'warning';
  readonly message: string;
}

export interface BenchSummary {
  readonly type: 'summary';
  readonly result: BenchResult;
  readonly exitCode: number;
}

export type BenchEvent =
  | BenchStart
  | BenchPhaseChange
  | BenchSnapshot
  | BenchFault
  | BenchWarning
  | BenchSummary;
