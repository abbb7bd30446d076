/**
 * Takes the staged commit records that count out of the bucket, entity by entity, in the order of their
 * versions, and clears away those of commits that were lost (`staging.ts`, J1 to J4). It works beside
 * running workers, and begins anew from the bucket alone after a crash.
 */
import type { CommitRecord } from '../../../engine/ports.js';
import { type Bucket, mostDeletes } from './bucket.js';
import type { EntityRow, RecordPointer } from './entity-row.js';
import { grouped, inGroups } from './groups.js';
import type { Names } from './names.js';
import { unpack } from './records.js';
import { recordName, recordVersion, type StagedRecord } from './staging.js';

interface Taken extends StagedRecord {
  readonly name: string;
}

/** What is staged for one entity, as it was listed: full names, their versions rising. */
interface Staged {
  /** `records/ENDPOINT/KEY/`, from the top of the bucket. */
  readonly folder: string;
  readonly names: readonly string[];
}

interface Sorted {
  readonly counting: readonly Taken[];
  readonly lost: readonly string[];
}

/** Entities looked at together, and records of one entity read together. */
const atOnce = 16;

export class RecordTaker {
  readonly #bucket: Bucket;
  readonly #names: Names;
  /** Read, and not yet dropped. */
  #ready: readonly Taken[] = [];
  #handedOut: readonly Taken[] = [];

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  /** Up to `limit`; fewer only when no more count by now. The same ones again until they are dropped. */
  async take(limit: number): Promise<readonly CommitRecord[]> {
    if (this.#ready.length < limit) await this.#look(limit);
    this.#handedOut = this.#ready.slice(0, limit);
    return this.#handedOut.map(({ record }) => record);
  }

  async drop(): Promise<void> {
    await this.#delete(this.#handedOut.map(({ name }) => name));
    this.#ready = this.#ready.slice(this.#handedOut.length);
    this.#handedOut = [];
  }

  async #look(limit: number): Promise<void> {
    const known = new Map(this.#ready.map((taken) => [taken.name, taken]));
    const ready: Taken[] = [];
    const lost: string[] = [];
    for await (const entities of inGroups(this.#staged(), atOnce)) {
      const sorted = await Promise.all(entities.map((one) => this.#sort(one, known)));
      for (const one of sorted) {
        ready.push(...one.counting);
        lost.push(...one.lost);
      }
      if (ready.length >= limit) break;
    }
    this.#ready = ready;
    // What cannot be cleared away now is found again at the next look.
    await this.#delete(lost).catch(() => {});
  }

  async *#staged(): AsyncGenerator<Staged> {
    let folder = '';
    let names: string[] = [];
    for await (const page of this.#bucket.pages(this.#names.folder('records'))) {
      for (const { name } of page) {
        const itsFolder = folderOf(name);
        if (itsFolder !== folder && names.length > 0) yield { folder, names };
        if (itsFolder !== folder) names = [];
        folder = itsFolder;
        names.push(name);
      }
    }
    if (names.length > 0) yield { folder, names };
  }

  /** Follows the records back from the entity, which is read after they were listed. */
  async #sort({ folder, names }: Staged, known: ReadonlyMap<string, Taken>): Promise<Sorted> {
    const row = await this.#entity(folder);
    const listed = names.filter((name) => versionOf(name, folder) <= row.version);
    const read = new Map<string, Taken>();
    for (const group of grouped(listed, atOnce)) {
      for (const taken of await this.#readAll(group, known)) read.set(taken.name, taken);
    }
    const counting: Taken[] = [];
    const [first] = names;
    const oldest = first === undefined ? 0 : versionOf(first, folder);
    // A version below the oldest that was listed was there before it, so it has been dropped (J4).
    for (let at = row.recorded; at && at.version >= oldest; ) {
      const taken: Taken | undefined = await this.#reached(at, folder, read);
      if (!taken) break;
      counting.push(taken);
      at = taken.previous;
    }
    const reached = new Set(counting.map(({ name }) => name));
    return { counting: counting.reverse(), lost: listed.filter((name) => !reached.has(name)) };
  }

  /** A record that was staged after the listing is read now; one that is gone has been dropped. */
  async #reached(
    pointer: RecordPointer,
    folder: string,
    read: ReadonlyMap<string, Taken>,
  ): Promise<Taken | undefined> {
    const name = `${folder}${recordName(pointer)}`;
    return read.get(name) ?? (await this.#readAll([name], new Map()))[0];
  }

  async #readAll(
    names: readonly string[],
    known: ReadonlyMap<string, Taken>,
  ): Promise<readonly Taken[]> {
    const found = names.map(async (name) => {
      const before = known.get(name);
      if (before) return [before];
      const stored = await this.#bucket.get(name);
      return stored ? [{ name, ...unpack<StagedRecord>(stored.bytes, name) }] : [];
    });
    return (await Promise.all(found)).flat();
  }

  async #entity(folder: string): Promise<Pick<EntityRow, 'version' | 'recorded'>> {
    const below = folder.slice(this.#names.folder('records').length, -1);
    const name = `${this.#names.folder('entities')}${below}`;
    const stored = await this.#bucket.get(name);
    return stored ? unpack<EntityRow>(stored.bytes, name) : { version: 0, recorded: null };
  }

  async #delete(names: readonly string[]): Promise<void> {
    for (const group of grouped(names, mostDeletes)) {
      const failed = (await this.#bucket.delete(group)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    }
  }
}

/** `.../KEY/` of `.../KEY/VERSION/TRANSACTION`. */
function folderOf(name: string): string {
  const transaction = name.lastIndexOf('/');
  return name.slice(0, name.lastIndexOf('/', transaction - 1) + 1);
}

function versionOf(name: string, folder: string): number {
  return recordVersion(name.slice(folder.length));
}
