/** What a service says of itself. */
import type { OncectlError } from '../engine/errors.js';
import type { EndpointDefinition } from '../engine/handler.js';
import type { ProtocolName } from '../engine/protocols/names.js';

interface EveryServiceOptions {
  /** Those that this process handles. */
  readonly endpoints: readonly EndpointDefinition[];
  /** Name of this process in the records it writes. */
  readonly worker?: string;
  /** Called for each failed attempt. */
  readonly onFailure?: (failure: ServiceFailure) => void;
}

/** An embedded deployment of the service's own, described by nothing but these options. */
export interface EmbeddedServiceOptions extends EveryServiceOptions {
  /** Folder of the deployment; several processes may share it. */
  readonly folder: string;
  /** Default `outbox`. */
  readonly protocol?: Exclude<ProtocolName, 'none'>;
  /** Messages handled at a time, for each endpoint. Default 64. */
  readonly concurrency?: number;
  /** How long a dead worker's messages stay its own, ms. Default 30 s. */
  readonly visibilityMs?: number;
  /** How long duplicates are recognised, ms. Default 7 days. */
  readonly retentionMs?: number;
  /** Failed attempts before a message becomes a dead letter. Default 5. */
  readonly maxAttempts?: number;
}

/** A deployment that a profile describes, on any backend; `oncectl deploy up` makes what it needs. */
export interface ProfileServiceOptions extends EveryServiceOptions {
  /** A profile's file. Each of `endpoints` has to be one of its endpoints, by name. */
  readonly profile: string;
  /** Replaces single values: `deployment.namespace=shop`. */
  readonly set?: readonly string[];
}

export type ServiceOptions = EmbeddedServiceOptions | ProfileServiceOptions;

export interface ServiceFailure {
  readonly endpoint: string;
  readonly messageId: string;
  readonly error: OncectlError;
  /** It will be tried again, or it was put aside as a dead letter. */
  readonly what: 'released' | 'dead';
}
