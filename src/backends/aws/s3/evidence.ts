/** What the audit reads from the bucket. Its requests are counted for themselves. */
import type {
  BusinessEvidence,
  BusinessLeftovers,
  DedupeEvidence,
  DedupeLeftovers,
  EntityRecord,
  PayloadEvidence,
} from '../../../engine/evidence.js';
import type { CommitRecord } from '../../../engine/ports.js';
import type { Bucket } from './bucket.js';
import { mapped } from './groups.js';
import type { Life } from './life.js';
import { retentionDays } from './lifecycle.js';
import type { Names } from './names.js';
import { decodeOrigin } from './payload.js';
import { RecordTaker } from './record-taker.js';
import { EntitySummaries } from './summaries.js';

const readsAtOnce = 16;
const day = 24 * 3600 * 1000;
/** Lifecycle rules act once a day, at midnight, and may be late by another day. */
const janitorGraceDays = 3;

export class S3BusinessEvidence implements BusinessEvidence {
  readonly #taker: RecordTaker;
  readonly #summaries: EntitySummaries;
  readonly #life: Life;

  constructor(bucket: Bucket, names: Names, life: Life) {
    this.#taker = new RecordTaker(bucket, names);
    this.#summaries = new EntitySummaries(bucket, names);
    this.#life = life;
  }

  takeRecords(limit: number): Promise<readonly CommitRecord[]> {
    return this.#life.run(() => this.#taker.take(limit));
  }

  dropTaken(): Promise<void> {
    return this.#life.run(() => this.#taker.drop());
  }

  async *entities(): AsyncIterable<EntityRecord> {
    for await (const { record } of this.#summaries.all()) yield record;
  }

  async leftovers(): Promise<BusinessLeftovers> {
    const left = { entries: 0, dispatchedEntries: 0, slots: 0, registrations: 0 };
    for await (const one of this.#summaries.all()) {
      left.entries += one.entries;
      left.dispatchedEntries += one.dispatched;
      left.slots += one.hasSlot ? 1 : 0;
      left.registrations += one.registrations;
    }
    // Protocols that keep dispatched entries are not offered here: none has a retention.
    return { ...left, overdueEntries: 0 };
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for await (const { payloads } of this.#summaries.all()) yield* payloads;
  }
}

export class S3DedupeEvidence implements DedupeEvidence {
  readonly #bucket: Bucket;
  readonly #names: Names;
  readonly #retentionMs: number;

  constructor(bucket: Bucket, names: Names, retentionMs: number) {
    this.#bucket = bucket;
    this.#names = names;
    this.#retentionMs = retentionMs;
  }

  /** By the age of the objects: what a record itself says would take a GET for each. */
  async leftovers(now: number): Promise<DedupeLeftovers> {
    const kept = (retentionDays(this.#retentionMs) + janitorGraceDays) * day;
    const left = { dedupeRecords: 0, overdueDedupeRecords: 0 };
    for await (const page of this.#bucket.pages(this.#names.folder('dedupe'))) {
      left.dedupeRecords += page.length;
      left.overdueDedupeRecords += page.filter((one) => one.lastModified < now - kept).length;
    }
    return left;
  }
}

export class S3PayloadEvidence implements PayloadEvidence {
  readonly #bucket: Bucket;
  readonly #names: Names;

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  async *payloads(): AsyncIterable<{ readonly id: string; readonly messageId: string }> {
    for await (const found of mapped(this.#listed(), readsAtOnce, (name) => this.#read(name))) {
      if (found) yield found;
    }
  }

  async *#listed(): AsyncGenerator<string> {
    for await (const page of this.#bucket.pages(this.#names.folder('payload'))) {
      for (const { name } of page) yield name;
    }
  }

  /** `null` for one that was deleted meanwhile, and for an object that no payload store put. */
  async #read(name: string) {
    const id = this.#names.payloadId(name);
    const metadata = id === null ? null : await this.#bucket.metadata(name);
    const origin = metadata && decodeOrigin(metadata);
    return id !== null && origin ? { id, messageId: origin.messageId } : null;
  }
}
