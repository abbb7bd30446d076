/**
 * Entries, slots and registries for an operator. What is pending is found by its markers, which say of
 * which message and entity they are; what the entity says, in a GET of its own, counts. Costs:
 *  - a page of entries: one LIST for a thousand markers, a GET for each entity that is shown;
 *  - `registered`: a GET for every entity of the endpoint, since nothing else tells of a registry;
 *  - `oldestPending`, `countPending`: see `marked`.
 */
import { encode, idTime } from '../../../engine/ids.js';
import type { Entry, PendingEntry } from '../../../engine/ports.js';
import type { BusinessUpkeep, Count, PageQuery, RegisteredEntity } from '../../../engine/upkeep.js';
import { Oldest } from '../shared/oldest.js';
import type { Bucket } from './bucket.js';
import type { EntityRow } from './entity-row.js';
import type { EntityStore } from './entity-store.js';
import { mapped } from './groups.js';
import type { Life } from './life.js';
import { listedByPrefix } from './listed.js';
import { type Markers, markedBy } from './markers.js';
import type { Names } from './names.js';
import { pendingBy, readRows } from './pending.js';
import { unpack } from './records.js';
import type { RequestCounts } from './request-counts.js';

export interface BusinessUpkeepParts {
  readonly bucket: Bucket;
  readonly names: Names;
  readonly entities: EntityStore;
  readonly markers: Markers;
  readonly life: Life;
  readonly counts: RequestCounts;
}

const readsAtOnce = 32;
/**
 * An entry is committed after its message's id was made, but perhaps by another clock. So far may the
 * clocks of a deployment be apart; `doctor` complains long before.
 */
const skewMs = 5 * 60_000;
/** After so many entities it is enough when they are as far apart as `doctor` takes for normal. */
const readsForFullSkew = 2_000;
const usualSkewMs = 10_000;
const dayMs = 24 * 3600 * 1000;

export class S3BusinessUpkeep implements BusinessUpkeep {
  readonly #parts: BusinessUpkeepParts;

  constructor(parts: BusinessUpkeepParts) {
    this.#parts = parts;
  }

  /** In the order of the markers' names, which for ids of ours is theirs. None is kept once removed. */
  async entries(endpoint: string, page: PageQuery): Promise<readonly Entry[]> {
    return this.#operation(() => this.#entries(endpoint, page));
  }

  async oldestPending(
    endpoint: string,
    olderThan: number,
    limit: number,
  ): Promise<readonly PendingEntry[]> {
    return this.#operation(async () => {
      if (limit < 1) return [];
      const oldest = new Oldest(limit);
      const until = () => Math.min(olderThan, oldest.worst);
      for await (const entry of this.#marked(endpoint, until)) {
        if (entry.committedAt < olderThan) oldest.add(entry);
      }
      return oldest.list();
    });
  }

  async countPending(endpoint: string, olderThan: number, most: number): Promise<Count> {
    return this.#operation(async () => {
      let count = 0;
      for await (const { committedAt } of this.#marked(endpoint, () => olderThan)) {
        if (committedAt >= olderThan) continue;
        if (count >= most) return { count, exact: false };
        count++;
      }
      return { count, exact: true };
    });
  }

  /** In the order of the objects' names, which for keys of letters, digits, `-` and `_` is theirs. */
  async registered(endpoint: string, page: PageQuery): Promise<readonly RegisteredEntity[]> {
    return this.#operation(() => this.#registered(endpoint, page));
  }

  async #entries(endpoint: string, { prefix, after, limit }: PageQuery): Promise<Entry[]> {
    const found = new Map<string, Entry>();
    if (limit < 1) return [];
    const { markers, entities } = this.#parts;
    const size = Math.min(readsAtOnce, limit);
    for await (const some of markers.ofMessages(endpoint, prefix, after, size)) {
      const ofEntries = some.filter(({ kind }) => kind === 'entry');
      const rows = await readRows(entities, ofEntries);
      for (const [at, marker] of ofEntries.entries()) {
        const row = rows[at];
        const marked = row && markedBy(marker, row);
        // A message has one entry; markers of tries that were lost lie beside its own.
        if (!marked || !('entry' in marked)) continue;
        found.set(marker.messageId, structuredClone(marked.entry));
        if (found.size >= limit) return [...found.values()];
      }
    }
    return [...found.values()];
  }

  async #registered(
    endpoint: string,
    { prefix, after, limit }: PageQuery,
  ): Promise<RegisteredEntity[]> {
    const { bucket, names } = this.#parts;
    const found: RegisteredEntity[] = [];
    if (limit < 1) return found;
    const start = after === null ? null : names.entity(endpoint, after);
    const folder = names.endpoint('entities', endpoint);
    const listed = listedByPrefix(bucket, folder, prefix, start);
    for await (const row of mapped(listed, readsAtOnce, ({ name }) => this.#row(name))) {
      if (!row?.key.startsWith(prefix)) continue;
      const { key, registry } = row;
      const slot = row.slot?.of ?? null;
      if (slot === null && registry.length === 0) continue;
      found.push({ key, slot, registry });
      if (found.length >= limit) break;
    }
    return found;
  }

  /**
   * What is pending, in the order of the markers' names. `until` says from when on a commit is of no
   * interest, and may come down meanwhile. A marker whose id is of a later time is not looked at, nor
   * are those behind it: ids of ours rise with time. Ids that are not ours tell no time: they are all
   * looked at, but for those that would sort in between.
   *
   * So it costs a GET for each entity whose message is older than that, and those of the next five
   * minutes; once it was two thousand, those of the next ten seconds.
   */
  async *#marked(endpoint: string, until: () => number): AsyncGenerator<PendingEntry> {
    const { markers, entities } = this.#parts;
    let reads = 0;
    const isTooLate = (messageId: string) => {
      const allowance = reads < readsForFullSkew ? skewMs : usualSkewMs;
      return idTime(messageId) >= until() + allowance;
    };
    for (let after: string | null = null, jumped = false; ; jumped = true) {
      let late: string | undefined;
      for await (const some of markers.ofMessages(endpoint, '', after, readsAtOnce)) {
        const early = some.filter(({ messageId }) => !isTooLate(messageId));
        const rows = await readRows(entities, early);
        reads += early.length;
        for (const [at, marker] of early.entries()) {
          const pending = rows[at] && pendingBy(marker, rows[at]);
          if (pending) yield pending;
        }
        if (jumped) continue;
        late = some.find(({ messageId }) => isTooLate(messageId))?.messageId;
        if (late !== undefined) break;
      }
      if (late === undefined) return;
      after = lastIdBefore(Math.max(Date.now(), idTime(late)) + dayMs);
    }
  }

  /** Null for one that is gone: an entity never is, but not everything in a bucket is one. */
  async #row(name: string): Promise<EntityRow | null> {
    const stored = await this.#parts.bucket.get(name);
    return stored && unpack<EntityRow>(stored.bytes, name);
  }

  #operation<T>(operation: () => Promise<T>): Promise<T> {
    this.#parts.counts.operation('upkeep');
    return this.#parts.life.run(operation);
  }
}

/** Sorts behind all ids of ours that were made before that time. */
function lastIdBefore(time: number): string {
  return encode(time, 10);
}
