/**
 * What the audit wants to know of every entity. It asks three times over; an entity whose ETag in the
 * listing is that of the last time is not read again.
 */
import { type EntityRecord, hashOf } from '../../../engine/evidence.js';
import type { Bucket, Listed } from './bucket.js';
import type { EntityRow } from './entity-row.js';
import { mapped } from './groups.js';
import type { Names } from './names.js';
import { unpack } from './records.js';

export interface EntitySummary {
  readonly record: EntityRecord;
  readonly entries: number;
  readonly dispatched: number;
  readonly hasSlot: boolean;
  readonly registrations: number;
  readonly payloads: readonly string[];
}

const readsAtOnce = 16;

export class EntitySummaries {
  readonly #bucket: Bucket;
  readonly #names: Names;
  readonly #known = new Map<string, { readonly etag: string; readonly summary: EntitySummary }>();

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  async *all(): AsyncGenerator<EntitySummary> {
    const listed = this.#listed();
    for await (const summary of mapped(listed, readsAtOnce, (one) => this.#summary(one))) {
      if (summary) yield summary;
    }
  }

  async *#listed(): AsyncGenerator<Listed> {
    for await (const page of this.#bucket.pages(this.#names.folder('entities'))) yield* page;
  }

  async #summary({ name, etag }: Listed): Promise<EntitySummary | null> {
    const known = this.#known.get(name);
    if (known?.etag === etag) return known.summary;
    const stored = await this.#bucket.get(name);
    if (!stored) return null;
    const summary = summaryOf(unpack<EntityRow>(stored.bytes, name));
    this.#known.set(name, { etag: stored.etag, summary });
    return summary;
  }
}

function summaryOf(row: EntityRow): EntitySummary {
  const { endpoint, key, version, transaction, state, entries, slot, registry } = row;
  const dispatched = entries.filter(({ of }) => of.step === 'dispatched').length;
  return {
    record: { endpoint, key, version, transaction, hash: hashOf(state) },
    entries: entries.length - dispatched,
    dispatched,
    hasSlot: slot !== null,
    registrations: registry.length,
    payloads: [
      ...entries.flatMap(({ of }) => Object.values(of.payloads ?? {})),
      ...Object.values(slot?.of.payloads ?? {}),
      ...registry.flatMap(({ payloads }) => payloads),
    ],
  };
}
