/** What the bench and its processes say to each other over their channel (structured clone). */
import type { AuditVerdict } from '../../audit/evidence-files.js';
import type { OperationCount } from '../../engine/meter.js';
import type { QueueDepth } from '../../engine/ports.js';
import type { GeneratorCounters, GeneratorOutcome } from '../../load/generator.js';
import type { StageInterval } from '../../load/latency.js';
import type { Profile } from '../../profile/types.js';
import type { LeftBehind } from '../result.js';

/** All that a process of a run has to know; the first message it gets. */
export interface ProcessConfig {
  readonly name: string;
  readonly profile: Profile;
  readonly runId: string;
  readonly runFolder: string;
  readonly storeFolder: string;
  readonly evidenceFolder: string;
  readonly logLevel: LogLevel;
}

export const logLevels = ['error', 'info', 'step'] as const;
export type LogLevel = (typeof logLevels)[number];

export type ToProcess =
  | { readonly type: 'configure'; readonly config: ProcessConfig }
  /** The load begins at this time, ms since the epoch. */
  | { readonly type: 'begin'; readonly startAt: number }
  | { readonly type: 'report'; readonly id: number }
  | { readonly type: 'strike'; readonly strike: Strike }
  /** Say when this endpoint handles its next message. */
  | { readonly type: 'watch'; readonly endpoint: string; readonly id: number }
  | { readonly type: 'stop'; readonly graceMs: number }
  | { readonly type: 'finish'; readonly drained: boolean; readonly aborted: boolean };

/** A fault for a worker to strike at the next message that passes. */
export interface Strike {
  readonly id: number;
  readonly kind: 'kill' | 'stall' | 'partition';
  readonly step: string | null;
  readonly endpoint: string | null;
  readonly forMs: number;
  readonly store: 'broker' | 'business' | 'dedupe' | 'payload' | null;
}

/** Where and when a strike hit. */
export interface Struck {
  readonly id: number;
  readonly kind: Strike['kind'];
  /** Ms since the epoch. */
  readonly at: number;
  readonly endpoint: string | null;
  readonly step: string | null;
  readonly messageId: string | null;
}

export type FromProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: PlainError }
  | { readonly type: 'report'; readonly id: number; readonly report: Report }
  | { readonly type: 'struck'; readonly struck: Struck }
  | { readonly type: 'resumed'; readonly id: number; readonly counts: boolean }
  | { readonly type: 'handled-again'; readonly id: number; readonly at: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'generated'; readonly outcome: GeneratorOutcome }
  | {
      readonly type: 'audited';
      readonly verdict: AuditVerdict | null;
      readonly left: LeftBehind;
    }
  | { readonly type: 'stopped' };

/** An `OncectlError` on its way through a channel. */
export interface PlainError {
  readonly kind: string;
  readonly message: string;
  readonly about: string | undefined;
  readonly hint: string | undefined;
}

/** Counts are since the process began; intervals since the last report. */
export interface Report {
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  readonly intervals: readonly StageInterval[];
  readonly worker?: WorkerReport;
  readonly generator?: Readonly<GeneratorCounters>;
  readonly auditor?: AuditorReport;
}

export interface WorkerReport {
  readonly handled: number;
  readonly chains: number;
  readonly inFlight: number;
  readonly frozen: boolean;
  readonly handledByEndpoint: Readonly<Record<string, number>>;
  readonly conflicts: number;
  readonly failures: number;
  readonly redelivered: number;
  /** Faults of single messages so far, by kind. */
  readonly injected: Readonly<Record<string, number>>;
  readonly operations: Readonly<Record<string, OperationCount>>;
  readonly flushes: Readonly<Record<string, { flushes: number; operations: number }>>;
}

export interface AuditorReport {
  /** Commit records taken to the evidence so far. */
  readonly committed: number;
  readonly sunk: number;
  readonly depth: readonly (readonly [string, QueueDepth])[];
  readonly storeBytes: number;
  /** Of database servers on this machine, since they began; null: none is seen. */
  readonly serverCpuSeconds: number | null;
}
