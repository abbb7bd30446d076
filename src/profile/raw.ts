/** A profile as the schema leaves it: defaults filled in, quantities still in words. */
import type { ForeignKind } from '../engine/foreign.js';
import type { ProtocolName } from '../engine/protocols/names.js';
import type { BackendName, BackendSetName, FaultKind } from './types.js';

export interface RawProfile {
  readonly name?: string;
  readonly description: string;
  readonly seed: number;
  readonly audit: 'on' | 'off' | boolean;
  readonly workers: number;
  readonly deployment: RawDeployment;
  readonly load: RawLoad;
  readonly faults: readonly RawFault[];
  readonly drain: { readonly timeout: string; readonly mayLeave: boolean };
  readonly thresholds: readonly string[];
}

export interface RawDeployment {
  readonly protocol: ProtocolName;
  readonly backend: BackendSetName;
  readonly broker?: BackendName;
  readonly business?: BackendName;
  readonly dedupe?: BackendName;
  readonly payload?: BackendName;
  readonly islands: readonly RawIsland[];
  readonly namespace?: string;
  readonly control: boolean;
  readonly protect: boolean;
  readonly endpoints: readonly RawEndpoint[] | RawShape;
  readonly outboxes: readonly RawOutbox[];
  readonly concurrency: number;
  readonly visibility: string;
  readonly retention: string;
  readonly maxAttempts: number;
  readonly backoff: string;
  readonly embedded: { readonly gather: string; readonly mapSize: string };
  readonly postgres: {
    readonly url?: string;
    readonly connections: number;
    readonly gather: string;
  };
  readonly aws: { readonly region?: string; readonly endpoint?: string; readonly profile?: string };
  readonly s3: { readonly bucket: string };
}

export interface RawIsland {
  readonly name: string;
  readonly backend: BackendSetName;
  readonly broker?: BackendName;
  readonly business?: BackendName;
  readonly dedupe?: BackendName;
  readonly payload?: BackendName;
  readonly postgres: { readonly url?: string };
  readonly aws: RawDeployment['aws'];
  readonly s3: { readonly bucket?: string };
}

/** Exactly one of them is there. */
export interface RawShape {
  readonly chain?: number;
  readonly independent?: number;
  readonly fanOut?: number;
}

export interface RawEndpoint {
  readonly name: string;
  readonly sendsTo: string | readonly string[];
  readonly protocol?: ProtocolName;
  readonly island: string;
  readonly bridgeTo?: string;
  readonly concurrency?: number;
  readonly handlers?: string;
  readonly failing: readonly { readonly share: string | number; readonly error: string }[];
}

export interface RawOutbox {
  readonly name: string;
  readonly kind: ForeignKind;
  readonly url?: string;
  readonly schema: string;
  readonly table?: string;
  readonly prefix?: string;
  readonly columns?: {
    readonly id: string;
    readonly payload: string;
    readonly type?: string;
    readonly key?: string;
    readonly createdAt?: string;
  };
  readonly dispatched?: {
    readonly column: string;
    readonly before?: string;
    readonly after?: string;
  };
  readonly to?: string;
}

export interface RawLoad {
  readonly rate?: string;
  readonly arrival: 'uniform' | 'poisson';
  readonly payload: string;
  readonly keys: number | RawKeys;
  readonly enter?: string | readonly string[];
  readonly warmup?: string;
  readonly duration?: string;
  readonly stages?: readonly RawStage[];
}

export interface RawKeys {
  readonly count: number;
  readonly distribution: 'uniform' | 'zipf' | 'hot';
  readonly skew?: string | number;
}

export interface RawStage {
  readonly name: string;
  readonly duration: string;
  readonly shape?: 'constant' | 'ramp' | 'step' | 'burst';
  readonly rate?: string;
  readonly from?: string;
  readonly to?: string;
  readonly count?: number;
  readonly measured: boolean;
}

export interface RawFault {
  readonly kind: FaultKind;
  readonly at?: string;
  readonly every?: string;
  readonly until?: string;
  readonly endpoint?: string;
  readonly step?: string;
  readonly share?: string | number;
  readonly for?: string;
  readonly store?: 'broker' | 'business' | 'dedupe' | 'payload';
}
