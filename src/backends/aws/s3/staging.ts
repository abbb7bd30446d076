/**
 * Commit records, staged before their commit, since no write spans two objects. Rules:
 *  J1 a record is named by entity, version and transaction, and is durable before the entity is written;
 *  J2 the entity names the last commit that left a record, and each record the one before: a record
 *     counts only if it is reached from its entity;
 *  J3 what is not reached although the entity has its version, or a later one, is of a commit that was
 *     lost: no commit can write that version again;
 *  J4 records leave in the order of their versions, so that whatever is reached behind a record that is
 *     gone is gone too.
 */
import type { CommitRecord } from '../../../engine/ports.js';
import type { Bucket } from './bucket.js';
import type { EntityRow, RecordPointer } from './entity-row.js';
import { encodePart, type Names } from './names.js';
import { pack } from './records.js';

export interface StagedRecord {
  readonly record: CommitRecord;
  readonly previous: RecordPointer | null;
}

export interface PlannedRecord {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const versionDigits = 16;

export class Staging {
  readonly #bucket: Bucket;
  readonly #names: Names;

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  /** Where the record of a commit on top of `base` goes, and what is written there. */
  plan(base: EntityRow, record: CommitRecord): PlannedRecord {
    const pointer = { version: base.version + 1, transaction: record.transaction };
    const folder = recordFolder(this.#names, base.endpoint, base.key);
    const staged: StagedRecord = { record, previous: base.recorded };
    return { name: `${folder}${recordName(pointer)}`, bytes: pack(staged) };
  }

  async stage({ name, bytes }: PlannedRecord): Promise<void> {
    await this.#bucket.put(name, bytes);
  }
}

function recordFolder(names: Names, endpoint: string, key: string): string {
  return `${names.endpoint('records', endpoint)}${encodePart(key)}/`;
}

/** Reads the version in a name below a record folder. */
export function recordVersion(name: string): number {
  return Number(name.slice(0, versionDigits));
}

/** Sorts by version. */
export function recordName({ version, transaction }: RecordPointer): string {
  return `${String(version).padStart(versionDigits, '0')}/${encodePart(transaction)}`;
}
