/**
 * Markers: how an entry or a slot is found without its entity's key, and without listing every entity.
 * A marker is an object of its own, named by endpoint, message, entity and the version that the commit
 * wrote or meant to write. Rules:
 *  K1 it is written before that commit, and deleted only after the entry or slot is gone;
 *  K2 it counts only while the entity holds an entry (slot) of that message and that version;
 *  K3 when a commit is lost its marker stays. It is stale once the entity's version has passed the
 *     marker's without such an entry: no commit can make it true any more, since a version never
 *     repeats. Where the version has not passed, a conditional write raises it first (`sweep.ts`). A
 *     second try of the same message is another version, so another marker: deleting a stale one never
 *     takes away one that is about to be true.
 */
import type { Bucket } from './bucket.js';
import type { EntityRow } from './entity-row.js';
import type { Address } from './entity-store.js';
import { decodePart, encodedPrefixes, encodePart, type Names } from './names.js';
import { pack, unpack } from './records.js';

export type MarkerKind = 'entry' | 'slot';

export interface Marker extends Address {
  readonly messageId: string;
  /** The version that its commit wrote. */
  readonly at: number;
  readonly kind: MarkerKind;
}

/** A marker as it was listed. */
export interface FoundMarker extends Marker {
  readonly name: string;
  /** Its place among the markers of its endpoint. */
  readonly cursor: string;
  readonly lastModified: number;
}

type MarkerBody = Pick<Marker, 'endpoint' | 'messageId' | 'key'>;

export class Markers {
  readonly #bucket: Bucket;
  readonly #names: Names;

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  nameOf({ endpoint, messageId, key, at, kind }: Marker): string {
    return `${this.#ofMessage(endpoint, messageId)}${encodePart(key)}/${at}-${kind}`;
  }

  async write(marker: Marker): Promise<void> {
    const { endpoint, messageId, key } = marker;
    await this.#bucket.put(this.nameOf(marker), pack({ endpoint, messageId, key }));
  }

  /** Keys of the entities that may hold an entry of the message; one LIST. */
  async keysOf(endpoint: string, messageId: string): Promise<ReadonlySet<string>> {
    const keys = new Set<string>();
    for await (const page of this.#bucket.pages(this.#ofMessage(endpoint, messageId))) {
      for (const { name, lastModified } of page) {
        const marker = await this.#read(name, lastModified);
        if (marker?.kind === 'entry') keys.add(marker.key);
      }
    }
    return keys;
  }

  /** All markers of an endpoint behind `after`, in the order of their names, a few at a time. */
  async *pages(
    endpoint: string,
    after: string | null,
    size: number,
  ): AsyncGenerator<readonly FoundMarker[]> {
    const folder = this.#names.endpoint('pending', endpoint);
    yield* this.#found(folder, after === null ? null : `${folder}${after}`, size);
  }

  /**
   * Markers of the messages whose id begins with `prefix`, behind those of the message `after`, in the
   * order of their names: for ids of ours the order of the ids. A few at a time.
   */
  async *ofMessages(
    endpoint: string,
    prefix: string,
    after: string | null,
    size: number,
  ): AsyncGenerator<readonly FoundMarker[]> {
    const folder = this.#names.endpoint('pending', endpoint);
    // The character behind the slash: behind all names that begin with the id and a slash.
    const start = after === null ? null : `${folder}${encodePart(after)}0`;
    for (const encoded of encodedPrefixes(prefix)) {
      for await (const found of this.#found(`${folder}${encoded}`, start, size)) {
        yield found.filter(({ messageId }) => messageId.startsWith(prefix));
      }
    }
  }

  /** All markers of all endpoints. */
  all(size: number): AsyncGenerator<readonly FoundMarker[]> {
    return this.#found(this.#names.folder('pending'), null, size);
  }

  async *#found(folder: string, after: string | null, size: number) {
    for await (const page of this.#bucket.pages(folder, after)) {
      for (let from = 0; from < page.length; from += size) {
        const part = page.slice(from, from + size);
        const read = part.map(({ name, lastModified }) => this.#read(name, lastModified));
        yield (await Promise.all(read)).filter((marker) => marker !== null);
      }
    }
  }

  /** What a listed name says; the object itself is read only where a part of it is hashed. */
  async #read(name: string, lastModified: number): Promise<FoundMarker | null> {
    const parts = name.slice(this.#names.folder('pending').length).split('/');
    const [, at, kind] = /^(\d+)-(entry|slot)$/.exec(parts[3] ?? '') ?? [];
    if (at === undefined || parts.length !== 4) return null;
    const told = await this.#told(name, parts);
    const cursor = parts.slice(1).join('/');
    return (
      told && { ...told, at: Number(at), kind: kind as MarkerKind, name, cursor, lastModified }
    );
  }

  async #told(name: string, parts: readonly string[]): Promise<MarkerBody | null> {
    const [endpoint, messageId, key] = parts.map(decodePart);
    if (endpoint != null && messageId != null && key != null) return { endpoint, messageId, key };
    const stored = await this.#bucket.get(name);
    return stored && unpack<MarkerBody>(stored.bytes, name);
  }

  #ofMessage(endpoint: string, messageId: string): string {
    return `${this.#names.endpoint('pending', endpoint)}${encodePart(messageId)}/`;
  }
}

/** K2: the entry or slot that the marker stands for; null when there is none, or none any more. */
export function markedBy(marker: Marker, row: EntityRow) {
  const { kind, messageId, at } = marker;
  if (kind === 'slot') {
    const { slot } = row;
    return slot?.at === at && slot.of.messageId === messageId ? { slot: slot.of } : null;
  }
  const found = row.entries.find(({ of }) => of.messageId === messageId);
  return found?.at === at ? { entry: found.of } : null;
}

/** Markers of what `before` holds and `after` does not: they can go (K1). */
export function markersGone(before: EntityRow, after: EntityRow): readonly Marker[] {
  const { endpoint, key } = before;
  const left = new Set(after.entries.map(({ at }) => at));
  const entries = before.entries.filter(({ at }) => !left.has(at));
  const slots = before.slot && before.slot.at !== after.slot?.at ? [before.slot] : [];
  return [
    ...entries.map(({ at, of }) => markerOf(endpoint, key, of.messageId, at, 'entry')),
    ...slots.map(({ at, of }) => markerOf(endpoint, key, of.messageId, at, 'slot')),
  ];
}

function markerOf(
  endpoint: string,
  key: string,
  messageId: string,
  at: number,
  kind: MarkerKind,
): Marker {
  return { endpoint, key, messageId, at, kind };
}
