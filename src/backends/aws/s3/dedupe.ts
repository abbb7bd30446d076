/**
 * Dedupe records: an object each. S3 reads are strong after writes, also after a read that found
 * nothing (documented since December 2020), so `has` is one GET. An expired record counts as absent;
 * the lifecycle rule that `deploy up` makes removes it later.
 */
import type { DedupeRecord, DedupeStore } from '../../../engine/ports.js';
import type { Bucket } from './bucket.js';
import type { Life } from './life.js';
import { checkKey, type Names } from './names.js';
import { pack, unpack } from './records.js';
import type { RequestCounts } from './request-counts.js';

export class S3DedupeStore implements DedupeStore {
  readonly #bucket: Bucket;
  readonly #names: Names;
  readonly #life: Life;
  readonly #counts: RequestCounts;

  constructor(bucket: Bucket, names: Names, life: Life, counts: RequestCounts) {
    this.#bucket = bucket;
    this.#names = names;
    this.#life = life;
    this.#counts = counts;
  }

  async has(endpoint: string, messageId: string): Promise<boolean> {
    this.#counts.operation('dedupe');
    checkKey('message id', messageId);
    const name = this.#names.dedupe(endpoint, messageId);
    const stored = await this.#life.run(() => this.#bucket.get(name));
    return stored !== null && unpack<DedupeRecord>(stored.bytes, name).expires > Date.now();
  }

  async add(endpoint: string, messageId: string, record: DedupeRecord): Promise<void> {
    this.#counts.operation('dedupe');
    checkKey('message id', messageId);
    const name = this.#names.dedupe(endpoint, messageId);
    const bytes = pack({ endpoint, messageId, ...record });
    await this.#life.run(() => this.#bucket.put(name, bytes));
  }
}
