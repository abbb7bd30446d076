/** What the audit reads from the tables; by a client of its own, so that its cost is told apart. */
import {
  type BusinessEvidence,
  type BusinessLeftovers,
  type DedupeEvidence,
  type DedupeLeftovers,
  type EntityRecord,
  hashOf,
} from '../../../engine/evidence.js';
import type { CommitRecord } from '../../../engine/ports.js';
import { entityOf, entriesOf, registryOf, slotOf, versionOf } from './entity-item.js';
import { payloadsOf, stepOf } from './entry-item.js';
import { type Item, numberOf, textOf } from './item.js';
import { splitKey } from './keys.js';
import type { RecordChain } from './record-chain.js';
import type { Table } from './table.js';

/** The service deletes what has expired within a few days; two are typical. */
const ttlGraceMs = 3 * 24 * 3600 * 1000;

export interface BusinessEvidenceParts {
  readonly entities: Table;
  /** Null when entries lie in their entities. */
  readonly entries: Table | null;
  /** Null when nobody audits. */
  readonly chain: RecordChain | null;
  readonly retentionMs: number;
}

export class DynamodbBusinessEvidence implements BusinessEvidence {
  readonly #parts: BusinessEvidenceParts;

  constructor(parts: BusinessEvidenceParts) {
    this.#parts = parts;
  }

  async takeRecords(limit: number): Promise<readonly CommitRecord[]> {
    const taken = (await this.#parts.chain?.take(limit)) ?? [];
    return taken.map(({ record }) => record);
  }

  async dropTaken(): Promise<void> {
    await this.#parts.chain?.dropTaken();
  }

  async *entities(): AsyncIterable<EntityRecord> {
    for await (const item of this.#parts.entities.scan()) {
      const { endpoint, rest: key } = splitKey(textOf(item['key']) ?? '');
      const { transaction, state } = entityOf(item, '');
      yield { endpoint, key, version: versionOf(item), transaction, hash: hashOf(state) };
    }
  }

  async leftovers(now: number): Promise<BusinessLeftovers> {
    const counts = { entries: 0, dispatchedEntries: 0, overdueEntries: 0 };
    const overdueAt = now - this.#parts.retentionMs - ttlGraceMs;
    let slots = 0;
    let registrations = 0;
    for await (const item of this.#parts.entities.scan()) {
      if (slotOf(item)) slots++;
      if (registryOf(item).length > 0) registrations++;
      for (const { M = {} } of Object.values(entriesOf(item))) countEntry(counts, M, overdueAt);
    }
    for await (const item of this.#entryItems()) countEntry(counts, item, overdueAt);
    return { ...counts, slots, registrations };
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for await (const item of this.#parts.entities.scan()) {
      yield* Object.values(slotOf(item)?.payloads ?? {});
      for (const { payloads } of registryOf(item)) yield* payloads;
      for (const { M = {} } of Object.values(entriesOf(item))) {
        yield* Object.values(payloadsOf(M) ?? {});
      }
    }
    for await (const item of this.#entryItems()) yield* Object.values(payloadsOf(item) ?? {});
  }

  async *#entryItems(): AsyncIterable<Item> {
    if (this.#parts.entries) yield* this.#parts.entries.scan();
  }
}

interface EntryCounts {
  entries: number;
  dispatchedEntries: number;
  overdueEntries: number;
}

function countEntry(counts: EntryCounts, entry: Item, overdueAt: number): void {
  if (stepOf(entry) !== 'dispatched') counts.entries++;
  else counts.dispatchedEntries++;
  if ((numberOf(entry['at']) ?? Number.POSITIVE_INFINITY) < overdueAt) counts.overdueEntries++;
}

export class DynamodbDedupeEvidence implements DedupeEvidence {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async leftovers(now: number): Promise<DedupeLeftovers> {
    let dedupeRecords = 0;
    let overdueDedupeRecords = 0;
    for await (const item of this.#table.scan()) {
      dedupeRecords++;
      if ((numberOf(item['until']) ?? 0) < now - ttlGraceMs) overdueDedupeRecords++;
    }
    return { dedupeRecords, overdueDedupeRecords };
  }
}
