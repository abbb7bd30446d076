/**
 * Payloads for an operator: one LIST for a thousand, and a HEAD for each that is shown, which tells who
 * put it. When it was put is by the clock of S3, in whole seconds.
 */
import type { PageQuery, PayloadUpkeep, StoredPayload } from '../../../engine/upkeep.js';
import type { Bucket, Listed } from './bucket.js';
import { mapped } from './groups.js';
import type { Life } from './life.js';
import { listedByPrefix } from './listed.js';
import { longestPayloadName, type Names } from './names.js';
import { decodeOrigin } from './payload.js';
import type { RequestCounts } from './request-counts.js';

const readsAtOnce = 32;

export class S3PayloadUpkeep implements PayloadUpkeep {
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

  /** In the order of their names, as the dedupe records. An object that is none of ours is left out. */
  async payloads(page: PageQuery): Promise<readonly StoredPayload[]> {
    this.#counts.operation('upkeep');
    return this.#life.run(() => this.#page(page));
  }

  async #page({ prefix, after, limit }: PageQuery): Promise<StoredPayload[]> {
    const start = after === null ? null : this.#names.payload(after);
    const folder = this.#names.folder('payload');
    const listed = listedByPrefix(this.#bucket, folder, prefix, start, longestPayloadName);
    const found: StoredPayload[] = [];
    if (limit < 1) return found;
    const size = Math.min(readsAtOnce, limit);
    for await (const payload of mapped(listed, size, (one) => this.#read(one))) {
      if (!payload?.id.startsWith(prefix)) continue;
      found.push(payload);
      if (found.length >= limit) break;
    }
    return found;
  }

  async #read({ name, lastModified, bytes }: Listed): Promise<StoredPayload | null> {
    const id = this.#names.payloadId(name);
    const metadata = id === null ? null : await this.#bucket.metadata(name);
    const origin = metadata && decodeOrigin(metadata);
    return id !== null && origin ? { id, origin, at: lastModified, bytes } : null;
  }
}
