/** `result.json`: the one document a run leaves behind (names: load-facts, "Names in result.json"). */
import type { AuditVerdict } from '../audit/evidence-files.js';
import type { LatencySummary } from '../load/latency.js';
import type { Profile } from '../profile/types.js';

export type { LatencySummary } from '../load/latency.js';

export type RunStatus = 'passed' | 'failed' | 'aborted' | 'invalid';

export const latencyNames = [
  'sendLag',
  'publish',
  'queueWait',
  'processing',
  'hop',
  'chain',
] as const;
export type LatencyName = (typeof latencyNames)[number];

export interface StageResult {
  readonly name: string;
  readonly measured: boolean;
  readonly durationSeconds: number;
  /** What was to enter, per second, and what did. */
  readonly offeredPerSecond: number;
  readonly sentPerSecond: number;
  /** Hops: one per endpoint a message passes. */
  readonly handledPerSecond: number;
  /** Whole chains: messages committed at a last endpoint. */
  readonly chainsPerSecond: number;
  readonly backlog: {
    readonly firstThirdMax: number;
    readonly lastThirdMax: number;
    readonly flat: boolean;
  };
  readonly latency: Readonly<Record<LatencyName, LatencySummary>>;
  readonly endpoints: readonly EndpointResult[];
}

export interface EndpointResult {
  readonly name: string;
  readonly handled: number;
  readonly hop: LatencySummary;
}

export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

export interface FaultRecord {
  readonly kind: string;
  /** Since the load began. */
  readonly atMs: number;
  readonly endpoint: string | null;
  /** Boundary, `after <step>`. */
  readonly step: string | null;
  readonly messageId: string | null;
  /** Until the endpoint handled a message again; null when it never did. */
  readonly recoveredMs: number | null;
  /** stall: whether the message was redelivered meanwhile. */
  readonly counts: boolean;
}

export interface ThresholdResult {
  readonly text: string;
  readonly metric: string;
  readonly actual: number | null;
  readonly holds: boolean;
}

/** What a run that was not drained, or that is there to leave something, left in the stores. */
export interface LeftBehind {
  /** Entries and slots without an end, by the step they stand at. */
  readonly stuck: Readonly<Record<string, number>>;
  /** Dead letters by their last error. */
  readonly dead: Readonly<Record<string, number>>;
  readonly orphans: number;
}

export interface DiskProbe {
  /** fdatasync of a 4 KiB write, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
}

export interface BenchResult {
  readonly schema: 'oncectl/bench.result/v1';
  readonly runId: string;
  readonly status: RunStatus;
  /** One sentence each; first in every report. */
  readonly verdict: { readonly generator: string; readonly audit: string };
  readonly startedAt: string;
  readonly endedAt: string;
  readonly command: string;
  readonly profile: { readonly name: string; readonly sha256: string; readonly resolved: Profile };
  readonly environment: {
    readonly node: string;
    readonly cpu: string;
    readonly cores: number;
    readonly platform: string;
    readonly version: string;
    readonly disk: {
      readonly before: DiskProbe | null;
      readonly after: DiskProbe | null;
      readonly quiet: boolean;
    };
  };
  readonly stages: readonly StageResult[];
  readonly correctness: AuditVerdict | null;
  readonly faults: readonly FaultRecord[];
  /** Faults of single messages, which are counted and not listed: duplicate, delay, drop-ack. */
  readonly faultCounts: Readonly<Record<string, number>>;
  /** Everything that entered came to its end before the drain's time was over. */
  readonly drained: boolean;
  /** null: nothing was left. */
  readonly leftBehind: LeftBehind | null;
  readonly resources: {
    readonly generator: ProcessUsage;
    readonly workers: ProcessUsage & {
      readonly perHandledMessageMs: number;
      readonly processes: number;
    };
    /** Database servers on this machine; null: there are none, or they run elsewhere. */
    readonly server: { readonly cpuSeconds: number; readonly perHandledMessageMs: number } | null;
    readonly audit: ProcessUsage;
    readonly view: ProcessUsage;
    readonly store: { readonly bytesBefore: number; readonly bytesAfter: number };
  };
  readonly operations: {
    /** `port.operation` -> calls per handled message in measured stages. */
    readonly perHandledMessage: Readonly<Record<string, number>>;
    readonly counts: Readonly<Record<string, number>>;
    /** Store -> flushes of its workers per handled message in measured stages: group commit at work. */
    readonly flushesPerHandledMessage: Readonly<Record<string, number>>;
  };
  readonly cost: Readonly<Record<string, number>>;
  readonly generator: {
    readonly valid: boolean;
    readonly lagP99Us: number;
    readonly reason: string | null;
  };
  readonly thresholds: readonly ThresholdResult[];
  readonly comparison: Readonly<Record<string, unknown>>;
}
