/** A profile after loading: every default filled in, every quantity in its base unit. */
import type { ForeignSource } from '../backends/foreign/index.js';
import type { BridgeTo } from '../engine/protocols/bridge.js';
import type { ProtocolName } from '../engine/protocols/names.js';

export type BackendName = 'embedded' | 'postgres' | 'sqs' | 's3' | 'dynamodb' | 'noop';

/** Short for a backend at each port: `deployment.backend`. */
export type BackendSetName = 'embedded' | 'postgres' | 'sqs-s3' | 'sqs-dynamodb' | 'noop';

export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly audit: boolean;
  /** Worker processes; 0 = by cores. */
  readonly workers: number;
  readonly deployment: DeploymentProfile;
  readonly load: LoadProfile;
  readonly faults: readonly FaultProfile[];
  readonly drain: {
    readonly timeoutMs: number;
    /** Messages may be left behind: the profile is there to leave some. */
    readonly mayLeave: boolean;
  };
  /** As written: `stages.steady.latency.hop.p99 < 20ms`; checked against result.json's names. */
  readonly thresholds: readonly Threshold[];
}

/** Four stores that endpoints have in common. */
export interface StoresProfile {
  readonly broker: BackendName;
  readonly business: BackendName;
  readonly dedupe: BackendName;
  readonly payload: BackendName;
  /** What schema, queues, tables and objects are named after: small letters, digits, `-`; at most 40. */
  readonly namespace: string;
  readonly embedded: { readonly gatherMs: number; readonly mapSizeBytes: number };
  readonly postgres: {
    /** null: from the PG* variables. */
    readonly url: string | null;
    readonly connections: number;
    readonly gatherMs: number;
  };
  /** null: from where the AWS CLI takes it. */
  readonly aws: {
    readonly region: string | null;
    readonly endpoint: string | null;
    readonly profile: string | null;
  };
  readonly s3: { readonly bucket: string };
}

/** Further stores beside the deployment's own, behind a bridge. */
export interface IslandProfile extends StoresProfile {
  readonly name: string;
}

export interface DeploymentProfile extends StoresProfile {
  /** Default for endpoints that name none. */
  readonly protocol: ProtocolName;
  /** Those beside the deployment's own stores, which are the island `main`. */
  readonly islands: readonly IslandProfile[];
  /** Allows `none` as a consumer: the control. */
  readonly control: boolean;
  /** Whoever writes here by hand says why. */
  readonly protect: boolean;
  readonly endpoints: readonly EndpointProfile[];
  /** Of other libraries; only operating them uses them. */
  readonly outboxes: readonly OutboxProfile[];
  /** Lease of a received message, ms. */
  readonly visibilityMs: number;
  /** How long dedupe records and dispatched entries are kept, ms. */
  readonly retentionMs: number;
  /** Failed attempts before a message is dead-lettered. */
  readonly maxAttempts: number;
  /** Base of the exponential back-off between failed attempts, ms. */
  readonly backoffMs: number;
}

/** An outbox that another library wrote. */
export interface OutboxProfile {
  readonly name: string;
  /** null: where the deployment's own PostgreSQL is. */
  readonly url: string | null;
  readonly source: ForeignSource;
  /** Endpoint that gets what `outbox repair` sends; null where only the library may dispatch. */
  readonly to: string | null;
}

export interface EndpointProfile {
  readonly name: string;
  /** Of a bridge without meaning: its program follows from where it leads. */
  readonly protocol: ProtocolName;
  /** Name of the island that its queue and entities are in; `main` is the deployment's own stores. */
  readonly island: string;
  /** Set for a bridge: the island that it leads to, and how its receivers recognise a duplicate. */
  readonly bridge: { readonly to: string; readonly by: BridgeTo } | null;
  /** Endpoints it sends to; every one gets its own message. `sink` stands behind the last hop. */
  readonly sendsTo: readonly string[];
  /** Messages handled at a time in one worker process. */
  readonly concurrency: number;
  /** `absolute/path.js#name` of the user's own handlers; null = the bench's own. */
  readonly handlers: { readonly file: string; readonly export: string } | null;
  /** Set for a handler that fails on purpose (profile `incident`): share of messages, 0..1, per reason. */
  readonly failing: readonly { readonly share: number; readonly error: string }[];
}

export interface LoadProfile {
  /** What enters, messages per second, over all entering endpoints together. */
  readonly ratePerSecond: number;
  readonly arrival: 'uniform' | 'poisson';
  readonly payloadBytes: number;
  readonly keys: {
    readonly count: number;
    readonly distribution: 'uniform' | 'zipf' | 'hot';
    /** zipf: exponent. hot: share of the messages that go to key 0. */
    readonly skew: number;
  };
  /** Endpoints that messages enter at, staggered. */
  readonly enter: readonly string[];
  readonly stages: readonly Stage[];
}

/** The first stages may be warm-up (`measured: false`). Rates are what enters, per second. */
export interface Stage {
  readonly name: string;
  readonly measured: boolean;
  readonly durationMs: number;
  readonly shape: 'constant' | 'ramp' | 'step' | 'burst';
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** step: number of equal steps from..to. burst: number of bursts (to) over the base (from). */
  readonly count: number;
}

export type FaultKind =
  | 'kill'
  | 'duplicate'
  | 'delay'
  | 'drop-ack'
  | 'stall'
  | 'partition'
  | 'stale-read';

export interface FaultProfile {
  readonly kind: FaultKind;
  /** First time, ms after the load began (warm-up included). */
  readonly atMs: number;
  /** Repeats until `untilMs` (default: the end of the load); 0 = once. */
  readonly everyMs: number;
  readonly untilMs: number | null;
  readonly endpoint: string | null;
  /** kill and stall: boundary `after <step>`; null = every boundary of the protocol in turn. */
  readonly step: string | null;
  /** duplicate, delay, drop-ack, stale-read: share of messages, 0..1. */
  readonly share: number;
  /** delay, stall, partition: how long, ms. */
  readonly forMs: number;
  /** partition: which store. */
  readonly store: 'broker' | 'business' | 'dedupe' | 'payload' | null;
}

export interface Threshold {
  readonly text: string;
  readonly metric: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==';
  readonly value: number;
}
