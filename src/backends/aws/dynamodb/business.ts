/** The business store: entities with their entries, written by one conditional request. */
import { IdSource } from '../../../engine/ids.js';
import type {
  BusinessStore,
  Change,
  Entity,
  PendingEntry,
  Settled,
  SettleFrom,
  SettleTo,
} from '../../../engine/ports.js';
import type { CommittedEntries } from './committed-entries.js';
import {
  type CommitPlan,
  commitUpdate,
  entityOf,
  entriesOf,
  type Seen,
  versionOf,
} from './entity-item.js';
import { checkSize, type Item, textOf } from './item.js';
import { checkKey, keyOf } from './keys.js';
import { listPending, type PendingSource } from './pending.js';
import { Recent } from './recent.js';
import type { StagedRecords } from './records.js';
import type { Session } from './session.js';

const mostEntities = 50_000;

export interface BusinessParts {
  readonly session: Session;
  readonly entries: CommittedEntries;
  readonly sources: readonly PendingSource[];
  /** Null when nobody audits. */
  readonly records: StagedRecords | null;
  readonly separateEntries: boolean;
}

export class DynamodbBusinessStore implements BusinessStore {
  readonly #parts: BusinessParts;
  readonly #ids = new IdSource();
  readonly #seen = new Recent<Seen>(mostEntities);

  constructor(parts: BusinessParts) {
    this.#parts = parts;
  }

  /** Strongly consistent, though a stale answer would do: half a read unit saves many lost races. */
  async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    checkKey('entity key', key);
    checkKey('message id', messageId);
    const { session, entries } = this.#parts;
    return session.run(async () => {
      const at = keyOf(endpoint, key);
      const { item, entry } = await entries.load(at, messageId);
      this.#note(at, item);
      return { ...entityOf(item, messageId), entry };
    });
  }

  async commit(endpoint: string, key: string, expected: number, change: Change): Promise<number> {
    checkKey('entity key', key);
    if (change.entry) checkKey('message id', change.entry.messageId);
    return this.#parts.session.run(() => this.#commit(keyOf(endpoint, key), expected, change));
  }

  async settle(
    endpoint: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    const { session, entries } = this.#parts;
    return session.run(() => entries.settle(endpoint, messageId, from, to));
  }

  /** By an index that is consistent only after a moment: the newest may be missing. */
  async listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): Promise<PendingEntry[]> {
    const { session, entries, sources } = this.#parts;
    return session.run(async () => {
      const found = await listPending(sources, { endpoint, olderThan, after, limit });
      for (const one of found) {
        if (one.step !== 'slot') entries.note(keyOf(endpoint, one.key), one.messageId);
      }
      return found;
    });
  }

  async #commit(key: string, expected: number, change: Change): Promise<number> {
    const { entries, records, separateEntries } = this.#parts;
    const writer = this.#ids.next();
    const seen = this.#seen.get(key);
    const known = seen?.version === expected ? seen : null;
    const record = change.record && records ? records.name(expected + 1, writer) : null;
    const knownEmpty = known?.hasEntries === false && !change.entry;
    const plan: CommitPlan = { key, expected, change, writer, record, separateEntries, knownEmpty };
    const update = commitUpdate(plan);
    checkSize('the entity', key, update.bytes);
    if (record !== null && change.record) await records?.stage(plan, change.record, known);
    await entries.commit(plan, update, change.entry ?? null);
    if (known || expected === 0) this.#noteCommit(plan, known);
    else this.#seen.delete(key);
    return expected + 1;
  }

  #note(key: string, item: Item | null): void {
    const version = versionOf(item);
    if ((this.#seen.get(key)?.version ?? -1) > version) return;
    const hasEntries = Object.keys(entriesOf(item)).length > 0;
    this.#seen.set(key, { version, record: textOf(item?.['record']), hasEntries });
  }

  #noteCommit({ key, expected, change, record }: CommitPlan, before: Seen | null): void {
    this.#seen.set(key, {
      version: expected + 1,
      record: record ?? before?.record ?? null,
      hasEntries: before?.hasEntries === true || change.entry !== undefined,
    });
  }
}
