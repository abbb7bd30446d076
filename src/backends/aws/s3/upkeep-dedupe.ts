/**
 * Dedupe records for an operator: one LIST for a thousand, and a GET for each that is shown. They are in
 * the order of their names: for ids of ours, and all of letters, digits, `-` and `_`, that of the ids.
 */
import type { DedupeRecord } from '../../../engine/ports.js';
import type { DedupeUpkeep, PageQuery, StoredRecord } from '../../../engine/upkeep.js';
import type { Bucket } from './bucket.js';
import { mapped } from './groups.js';
import type { Life } from './life.js';
import { listedByPrefix } from './listed.js';
import { checkKey, type Names } from './names.js';
import { unpack } from './records.js';
import { Removal } from './removal.js';
import type { RequestCounts } from './request-counts.js';

const readsAtOnce = 32;

/** As it lies in its object. */
interface RecordObject extends DedupeRecord {
  readonly messageId: string;
}

export class S3DedupeUpkeep implements DedupeUpkeep {
  readonly #bucket: Bucket;
  readonly #names: Names;
  readonly #life: Life;
  readonly #counts: RequestCounts;
  readonly #removal: Removal;

  constructor(bucket: Bucket, names: Names, life: Life, counts: RequestCounts) {
    this.#bucket = bucket;
    this.#names = names;
    this.#life = life;
    this.#counts = counts;
    this.#removal = new Removal(bucket, names);
  }

  async records(endpoint: string, page: PageQuery): Promise<readonly StoredRecord[]> {
    this.#counts.operation('upkeep');
    return this.#life.run(() => this.#page(endpoint, page));
  }

  /** Conditional on the object that was compared: a record that is added meanwhile stays. */
  async remove(endpoint: string, messageId: string, record: DedupeRecord): Promise<boolean> {
    this.#counts.operation('upkeep');
    checkKey('message id', messageId);
    const name = this.#names.dedupe(endpoint, messageId);
    return this.#life.run(async () => {
      const stored = await this.#bucket.get(name);
      if (!stored) return false;
      const { by, at } = unpack<RecordObject>(stored.bytes, name);
      if (by !== record.by || at !== record.at) return false;
      return this.#removal.remove(name, stored.etag);
    });
  }

  async #page(endpoint: string, { prefix, after, limit }: PageQuery): Promise<StoredRecord[]> {
    const folder = this.#names.endpoint('dedupe', endpoint);
    const start = after === null ? null : this.#names.dedupe(endpoint, after);
    const listed = listedByPrefix(this.#bucket, folder, prefix, start);
    const found: StoredRecord[] = [];
    if (limit < 1) return found;
    for await (const stored of mapped(listed, Math.min(readsAtOnce, limit), (one) =>
      this.#read(one.name),
    )) {
      if (!stored?.messageId.startsWith(prefix)) continue;
      found.push(stored);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Null for one that is gone by now. */
  async #read(name: string): Promise<StoredRecord | null> {
    const stored = await this.#bucket.get(name);
    if (!stored) return null;
    const { messageId, by, at, expires } = unpack<RecordObject>(stored.bytes, name);
    return { messageId, record: { by, at, expires } };
  }
}
