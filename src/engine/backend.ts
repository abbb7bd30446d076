/**
 * What a backend's folder exports beside its ports: it opens the ports it is asked for, and it makes,
 * shows and removes what they need. A deployment puts four ports together from one or more backends.
 */
import type { EvidenceParts } from './evidence.js';
import type { Ports } from './ports.js';
import type { UpkeepParts } from './upkeep.js';

export const portNames = ['broker', 'business', 'dedupe', 'payload'] as const;

export type PortName = (typeof portNames)[number];

/** Ports of one backend, opened, each with what an audit reads from its store. */
export interface OpenedStores {
  /** At least the ports that were asked for; the island when broker and business share a database. */
  readonly ports: Partial<Ports>;
  /** For each port; a store that keeps nothing has none. */
  readonly evidence: Partial<EvidenceParts>;
  /** For each port what operating needs; a store that keeps nothing has none. */
  readonly upkeep: Partial<UpkeepParts>;
  /** Round trips or flushes, and the port operations they carried, by store; since it was opened. */
  readonly counts: () => Readonly<Record<string, StoreCounts>>;
  /** Bytes on disk, where the store can tell; 0 elsewhere. */
  readonly storeBytes: () => Promise<number>;
  /** Processor time of the server's processes, when they run on this machine; null elsewhere. */
  readonly serverCpuSeconds?: () => Promise<number | null>;
  /** Ends every wait with nothing, waits for what is outstanding, then closes. Twice is no error. */
  close(): Promise<void>;
}

export interface StoreCounts {
  readonly flushes: number;
  readonly operations: number;
}

/** One thing that a deployment needs in a backend: a queue, a bucket, a table, a schema. */
export interface Resource {
  /** `queue`, `bucket`, `table`, `schema`, `folder`. */
  readonly kind: string;
  readonly name: string;
  /**
   * `missing`: to be made. `outdated`: of an older version, to be upgraded. `wrong`: there, but not as
   * it must be, and not ours to change (a FIFO queue, a newer schema). `unused`: ours, and no longer
   * needed by the profile.
   */
  readonly state: 'ready' | 'missing' | 'outdated' | 'wrong' | 'unused';
  /** What is wrong or noteworthy about it, as one clause; null when there is nothing to say. */
  readonly detail: string | null;
}

/** One thing that `oncectl doctor` looked at. */
export interface Finding {
  /** What was looked at, as a noun phrase: `clock skew`, `lifecycle of bucket orders`. */
  readonly what: string;
  /** `breaks`: a protocol would break, or nothing works at all. */
  readonly verdict: 'ok' | 'note' | 'breaks';
  /** What was found, with its figure. */
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
}

/**
 * Makes and removes what one deployment needs in one backend. Every method rejects with an
 * `OncectlError` of kind `unreachable`, `denied`, `format` (a newer version, a foreign thing of that
 * name) or `disk-full`; none leaves a thing half made that a second call would not finish.
 */
export interface Provisioner {
  /** All that is needed, in the order in which it is made, as it stands now. Reads only. */
  inspect(): Promise<readonly Resource[]>;
  /** Makes what is missing and upgrades what is outdated; told of each when it is done. Idempotent. */
  create(onMade?: (resource: Resource) => void): Promise<void>;
  /** Removes all that `create` makes, with its content. What is not there is no error. */
  remove(onRemoved?: (resource: Resource) => void): Promise<void>;
  /** Looks, with harmless calls, for whatever would break a protocol here. */
  examine(): AsyncIterable<Finding>;
  close(): Promise<void>;
}
