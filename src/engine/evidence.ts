/** What an audit reads from a store, apart from the protocol's own ports (design, section 4). */
import { hash } from 'node:crypto';
import type { CommitRecord, QueueDepth } from './ports.js';

/** The audit's digest of a body or a state: 32 hex characters of SHA-256; "" for no bytes at all. */
export function hashOf(bytes: Uint8Array | null): string {
  if (bytes === null) return '';
  return hash('sha256', bytes, 'hex').slice(0, 32);
}

/** Last state of an entity, for I5. */
export interface EntityRecord {
  readonly endpoint: string;
  readonly key: string;
  readonly version: number;
  readonly transaction: string | null;
  readonly hash: string;
}

/** A message still in a queue or among the dead letters: listed, never passed. */
export interface PendingMessage {
  readonly endpoint: string;
  readonly messageId: string;
  readonly where: 'queued' | 'dead';
}

/** What must be empty or bounded once a deployment is drained (I6). */
export interface Leftovers {
  readonly entries: number;
  readonly dispatchedEntries: number;
  /** Dispatched entries whose retention is over although purging had its time. */
  readonly overdueEntries: number;
  readonly slots: number;
  readonly registrations: number;
  readonly dedupeRecords: number;
  readonly overdueDedupeRecords: number;
  readonly payloads: number;
}

/** Implemented beside the ports by every backend that can be audited. */
export interface EvidenceSource {
  /** Durable commit records, oldest first; at most `limit`. */
  takeRecords(limit: number): Promise<readonly CommitRecord[]>;
  /** Forgets the records that the last `takeRecords` returned, once they are safe elsewhere. */
  dropTaken(): Promise<void>;
  entities(): AsyncIterable<EntityRecord>;
  pending(): AsyncIterable<PendingMessage>;
  leftovers(now: number): Promise<Leftovers>;
  /** Ids of present payloads with the origin that put them. */
  payloads(): AsyncIterable<{ readonly id: string; readonly messageId: string }>;
  /** Ids of payloads that a queued or dead message, an entry or a slot names. */
  referencedPayloads(): AsyncIterable<string>;
  depth(endpoints: readonly string[]): Promise<ReadonlyMap<string, QueueDepth>>;
}
