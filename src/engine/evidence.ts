/**
 * What an audit reads from the stores, apart from the protocol's own ports (design, section 4): a part
 * for each port, so that stores mix freely, and all of them together as one `EvidenceSource`.
 */
import { hash } from 'node:crypto';
import type { CommitRecord, QueueDepth } from './ports.js';
import { controlEndpoint } from './upkeep.js';

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

/** What must be empty or bounded once a business store is drained (I6). */
export interface BusinessLeftovers {
  readonly entries: number;
  readonly dispatchedEntries: number;
  /** Dispatched entries whose retention is over although purging had its time. */
  readonly overdueEntries: number;
  readonly slots: number;
  readonly registrations: number;
}

export interface DedupeLeftovers {
  readonly dedupeRecords: number;
  readonly overdueDedupeRecords: number;
}

/** What must be empty or bounded once a deployment is drained (I6). */
export interface Leftovers extends BusinessLeftovers, DedupeLeftovers {
  readonly payloads: number;
}

/** Read of the queues. */
export interface BrokerEvidence {
  /**
   * Every message that is queued or dead. A broker that cannot list its queues may receive them for
   * it: it is asked once, at the end, when no worker is left.
   */
  pending(): AsyncIterable<PendingMessage>;
  /** Ids of payloads that a queued or dead message names. */
  referencedPayloads(): AsyncIterable<string>;
  depth(endpoints: readonly string[]): Promise<ReadonlyMap<string, QueueDepth>>;
}

/** Read of the entities, entries, slots, and of the commit records. */
export interface BusinessEvidence {
  /** Durable commit records, oldest first; at most `limit`. */
  takeRecords(limit: number): Promise<readonly CommitRecord[]>;
  /** Forgets the records that the last `takeRecords` returned, once they are safe elsewhere. */
  dropTaken(): Promise<void>;
  entities(): AsyncIterable<EntityRecord>;
  leftovers(now: number): Promise<BusinessLeftovers>;
  /** Ids of payloads that an entry, a slot or a registration names. */
  referencedPayloads(): AsyncIterable<string>;
}

/** Read of the dedupe records; in an island, of the entry records. */
export interface DedupeEvidence {
  leftovers(now: number): Promise<DedupeLeftovers>;
}

/** Read of the payloads. */
export interface PayloadEvidence {
  /** Ids of present payloads with the message that put them. */
  payloads(): AsyncIterable<{ readonly id: string; readonly messageId: string }>;
}

/** What each port's store offers beside the port. */
export interface EvidenceParts {
  readonly broker: BrokerEvidence;
  readonly business: BusinessEvidence;
  readonly dedupe: DedupeEvidence;
  readonly payload: PayloadEvidence;
}

/** All that an audit reads from one deployment. */
export interface EvidenceSource
  extends Pick<BrokerEvidence, 'pending' | 'depth'>,
    Pick<BusinessEvidence, 'takeRecords' | 'dropTaken' | 'entities'>,
    PayloadEvidence {
  leftovers(now: number): Promise<Leftovers>;
  /** Ids of payloads that a queued or dead message, an entry or a slot names. */
  referencedPayloads(): AsyncIterable<string>;
}

/** The evidence of a deployment whose four ports may lie in four different stores. */
export function evidenceOf({ broker, business, dedupe, payload }: EvidenceParts): EvidenceSource {
  return {
    pending: () => broker.pending(),
    depth: (endpoints) => broker.depth(endpoints),
    takeRecords: (limit) => business.takeRecords(limit),
    dropTaken: () => business.dropTaken(),
    entities: () => handled(business.entities()),
    payloads: () => payload.payloads(),
    async *referencedPayloads() {
      yield* broker.referencedPayloads();
      yield* business.referencedPayloads();
    },
    async leftovers(now) {
      const [entities, records] = await Promise.all([
        business.leftovers(now),
        dedupe.leftovers(now),
      ]);
      let payloads = 0;
      for await (const _ of payload.payloads()) payloads++;
      return { ...entities, ...records, payloads };
    },
  };
}

/** Without oncectl's own records: no message changes them. */
async function* handled(entities: AsyncIterable<EntityRecord>): AsyncIterable<EntityRecord> {
  for await (const entity of entities) if (entity.endpoint !== controlEndpoint) yield entity;
}

/** Depth is asked island by island: a queue is on one of them, and the sink's may be on several. */
export type IslandsEvidence = Omit<EvidenceSource, 'depth'>;

/** The evidence of several islands, taken together. */
export function allEvidence(sources: readonly EvidenceSource[]): IslandsEvidence {
  const [only] = sources;
  if (only && sources.length === 1) return only;
  const each = <T>(of: (source: EvidenceSource) => AsyncIterable<T>) => inTurn(sources, of);
  return {
    pending: () => each((source) => source.pending()),
    entities: () => each((source) => source.entities()),
    payloads: () => each((source) => source.payloads()),
    referencedPayloads: () => each((source) => source.referencedPayloads()),
    async takeRecords(limit) {
      const taken: CommitRecord[] = [];
      for (const source of sources) taken.push(...(await source.takeRecords(limit - taken.length)));
      return taken;
    },
    async dropTaken() {
      for (const source of sources) await source.dropTaken();
    },
    async leftovers(now) {
      const all = await Promise.all(sources.map((source) => source.leftovers(now)));
      return all.reduce((sum, one) => addUp(sum, one));
    },
  };
}

async function* inTurn<T>(
  sources: readonly EvidenceSource[],
  of: (source: EvidenceSource) => AsyncIterable<T>,
): AsyncIterable<T> {
  for (const source of sources) yield* of(source);
}

function addUp<T extends object>(left: T, right: T): T {
  const names = Object.keys(left) as (keyof T)[];
  const sums = names.map((name) => [name, Number(left[name]) + Number(right[name])]);
  return Object.fromEntries(sums) as T;
}
