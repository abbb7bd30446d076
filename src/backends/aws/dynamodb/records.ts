/**
 * Commit records of the audit, staged before the commit that they tell of (design, section 4):
 *
 *  records  key = entity's key, at = version.writer -> record, packed; previous, the record before it
 *
 * The commit writes the name of its record into the entity, so the records that count are those that
 * can be reached from there. One that is staged and not reached lost its race, or waits for its commit.
 */
import { asOncectlError, Conflict, OncectlError } from '../../../engine/errors.js';
import type { CommitRecord } from '../../../engine/ports.js';
import { type CommitPlan, type Seen, versionOf } from './entity-item.js';
import { type Item, number, packed, text, textOf, unpacked } from './item.js';
import type { Table } from './table.js';

export interface StagedRecord {
  readonly key: string;
  readonly name: string;
  readonly previous: string | null;
  readonly record: CommitRecord;
}

export class StagedRecords {
  readonly #table: Table;
  /** Answers with version and record of an entity. */
  readonly #heads: Table;
  readonly #retentionMs: number;

  constructor(table: Table, heads: Table, retentionMs: number) {
    this.#table = table;
    this.#heads = heads;
    this.#retentionMs = retentionMs;
  }

  name(version: number, writer: string): string {
    return `${String(version).padStart(16, '0')}.${writer}`;
  }

  /** Durable when it resolves; a rejection means no commit. `seen` is the entity in the version that the commit expects, if known. */
  async stage(plan: CommitPlan, record: CommitRecord, seen: Seen | null): Promise<void> {
    const previous = await this.#previous(plan, seen);
    const expires = Math.ceil((Date.now() + this.#retentionMs) / 1000);
    const staged = this.#table.put({
      key: text(plan.key),
      at: text(plan.record ?? ''),
      record: packed(record),
      expires: number(expires),
      ...(previous === null ? {} : { previous: text(previous) }),
    });
    await staged.catch((error: unknown) => {
      throw notCommitted(error);
    });
  }

  async #previous({ key, expected }: CommitPlan, seen: Seen | null): Promise<string | null> {
    if (expected === 0) return null;
    if (seen) return seen.record;
    const head = await this.#heads.read(key);
    if (versionOf(head) === expected) return textOf(head?.['record']);
    throw new Conflict(`${key} is at ${versionOf(head)}, not ${expected}`);
  }
}

export function stagedOf(item: Item): StagedRecord | null {
  const key = textOf(item['key']);
  const name = textOf(item['at']);
  const record = unpacked<CommitRecord>(item['record']);
  if (key === null || name === null || record === null) return null;
  return { key, name, previous: textOf(item['previous']), record };
}

/** Whatever became of the record: its commit was not even sent. */
function notCommitted(error: unknown): OncectlError {
  const { kind, message, about, hint } = asOncectlError(error);
  return new OncectlError(kind, message, {
    ...(about === undefined ? {} : { about }),
    happened: 'no',
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

/** The version that the commit of this record writes. */
export function versionIn(name: string): number {
  return Number.parseInt(name, 10);
}
