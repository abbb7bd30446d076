/** Entities as objects: read with their ETag, written on the condition that it is still that one. */
import { randomBytes } from 'node:crypto';
import type { Bucket } from './bucket.js';
import { conditionalWrite } from './conditional-write.js';
import { type EntityRow, newRow, type Snapshot, writtenAs } from './entity-row.js';
import type { Names } from './names.js';
import { pack, unpack } from './records.js';
import { SizedCache } from './sized-cache.js';

export interface Address {
  readonly endpoint: string;
  readonly key: string;
}

/** `lost`: another write came first; the snapshot is read after it. */
export interface Written {
  readonly outcome: 'written' | 'lost';
  readonly snapshot: Snapshot;
}

const cachedBytes = 64 * 1024 * 1024;

export class EntityStore {
  readonly #bucket: Bucket;
  readonly #names: Names;
  readonly #cache = new SizedCache<Snapshot>(cachedBytes);

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  /** One GET, begun after the call. */
  async read({ endpoint, key }: Address): Promise<Snapshot> {
    const name = this.#names.entity(endpoint, key);
    const stored = await this.#bucket.get(name);
    const row = stored ? unpack<EntityRow>(stored.bytes, name) : newRow(endpoint, key);
    return this.#keep(name, { row, etag: stored?.etag ?? null }, stored?.bytes.length ?? 0);
  }

  /** What this process last saw of the entity: as it once was, seldom far behind. */
  seen({ endpoint, key }: Address): Snapshot | undefined {
    return this.#cache.get(this.#names.entity(endpoint, key));
  }

  /** Writes `row` if the entity still is what `base` says. Rejects when nobody can tell. */
  async write(base: Snapshot, row: EntityRow): Promise<Written> {
    const name = this.#names.entity(row.endpoint, row.key);
    const write = randomBytes(9).toString('base64url');
    const next = writtenAs(row, write);
    const bytes = pack(next);
    const outcome = await conditionalWrite(write, base, {
      put: () =>
        this.#bucket.putIf(name, bytes, base.etag === null ? 'absent' : { etag: base.etag }),
      read: () => this.read(row),
    });
    if (outcome.etag === null) return outcome;
    const snapshot = this.#keep(name, { row: next, etag: outcome.etag }, bytes.length);
    return { outcome: 'written', snapshot };
  }

  #keep(name: string, snapshot: Snapshot, bytes: number): Snapshot {
    this.#cache.set(name, snapshot, bytes + name.length);
    return snapshot;
  }
}
