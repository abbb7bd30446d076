/**
 * The business store: an entity is one object with its entries, slot and registry (`entity-row.ts`).
 *
 * A commit writes its marker and, under audit, its commit record first, both durable, then the entity
 * in one conditional write. What of it is left when the commit is lost counts for nothing (`markers.ts`,
 * `staging.ts`).
 */
import { Conflict } from '../../../engine/errors.js';
import type {
  BusinessStore,
  Change,
  Entity,
  PendingEntry,
  Settled,
  SettleFrom,
  SettleTo,
} from '../../../engine/ports.js';
import type { Deletes } from './deletes.js';
import { committed, type EntityRow, entryOf, type Snapshot, settled } from './entity-row.js';
import type { Address, EntityStore } from './entity-store.js';
import { type Applied, EntityWriter } from './entity-writer.js';
import { Hints } from './hints.js';
import type { Life } from './life.js';
import { type Marker, type Markers, markedBy, markersGone } from './markers.js';
import { checkKey } from './names.js';
import { listPending } from './pending.js';
import type { RequestCounts } from './request-counts.js';
import type { Staging } from './staging.js';

export interface BusinessParts {
  readonly entities: EntityStore;
  readonly markers: Markers;
  readonly deletes: Deletes;
  /** Null: commit records are not kept. */
  readonly staging: Staging | null;
  readonly life: Life;
  readonly counts: RequestCounts;
}

/** An answer, and the markers that are of no use once it is durable. */
interface Changed<T> {
  readonly answer: T;
  readonly gone: readonly Marker[];
}

export class S3BusinessStore implements BusinessStore {
  readonly #parts: BusinessParts;
  readonly #writer: EntityWriter;
  readonly #hints = new Hints();

  constructor(parts: BusinessParts) {
    this.#parts = parts;
    this.#writer = new EntityWriter(parts.entities);
  }

  /** A fresh read: stronger than the port asks for. */
  async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    checkKey('entity key', key);
    return this.#operation(async () => {
      const { row } = await this.#parts.entities.read({ endpoint, key });
      const entry = entryOf(row, messageId)?.of ?? null;
      if (entry) this.#hints.note(endpoint, messageId, key);
      const { state, version, transaction, registry } = row;
      const slot = row.slot?.of ?? null;
      // A copy: what the caller does to it must not reach what is kept of the entity.
      return structuredClone({ state, version, transaction, entry, slot, registry });
    });
  }

  async commit(endpoint: string, key: string, expected: number, change: Change): Promise<number> {
    checkKey('entity key', key);
    for (const { messageId } of [change.entry, change.slot].flatMap((one) => one ?? [])) {
      checkKey('message id', messageId);
    }
    const given = structuredClone(change);
    return this.#operation(() => this.#commit({ endpoint, key }, expected, given));
  }

  async settle(
    endpoint: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    checkKey('message id', messageId);
    const target = structuredClone(to);
    return this.#operation(async () => {
      const hinted = this.#hints.keyOf(endpoint, messageId);
      const settleAt = (key: string) => this.#settle({ endpoint, key }, messageId, from, target);
      const outcome = hinted === undefined ? 'missing' : await settleAt(hinted);
      if (outcome !== 'missing') return outcome;
      for (const key of await this.#parts.markers.keysOf(endpoint, messageId)) {
        const found = key === hinted ? 'missing' : await settleAt(key);
        if (found !== 'missing') return found;
      }
      return 'missing';
    });
  }

  async listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): Promise<PendingEntry[]> {
    return this.#operation(() => listPending(this.#parts, endpoint, olderThan, after, limit));
  }

  /** K3: afterwards no commit on an earlier version can succeed. */
  async raise(address: Address, expected: number): Promise<void> {
    await this.#perform(address, (row) => commitOn(row, expected, {}, [], false));
  }

  async #commit(address: Address, expected: number, change: Change): Promise<number> {
    const { staging, markers, deletes, life } = this.#parts;
    const base = await this.#at(address, expected);
    const own = markersOf(address, expected + 1, change);
    const record = change.record && staging ? staging.plan(base.row, change.record) : null;
    await Promise.all([
      ...own.map((marker) => markers.write(marker)),
      ...(record && staging ? [staging.stage(record)] : []),
    ]);
    const { entry } = change;
    if (entry) this.#hints.note(address.endpoint, entry.messageId, address.key);
    const outcome = await this.#perform(address, (row) =>
      commitOn(row, expected, change, own, record !== null),
    );
    if (typeof outcome === 'number') return outcome;
    // J3: its version is another commit's.
    if (record) life.behind(deletes.add(record.name));
    throw outcome;
  }

  async #settle(
    address: Address,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    const outcome = await this.#perform(address, (before) => {
      const { row, outcome } = settled(before, messageId, from, to);
      return { row, answer: { answer: outcome, gone: row ? markersGone(before, row) : [] } };
    });
    if (outcome === 'settled' && to.step === 'removed') {
      this.#hints.forget(address.endpoint, messageId);
    }
    return outcome;
  }

  /** The entity at the version that a commit expects; what is seen of it may do. */
  async #at(address: Address, expected: number): Promise<Snapshot> {
    const { entities } = this.#parts;
    const seen = entities.seen(address);
    const isEnough = seen !== undefined && seen.row.version >= expected;
    const { row, etag } = isEnough ? seen : await entities.read(address);
    if (row.version !== expected) throw conflict(row, expected);
    return { row, etag };
  }

  async #perform<T>(address: Address, change: (row: EntityRow) => Applied<Changed<T>>): Promise<T> {
    const { answer, gone } = await this.#writer.perform(address, change);
    for (const marker of gone) {
      this.#parts.life.behind(this.#parts.deletes.add(this.#parts.markers.nameOf(marker)));
    }
    return answer;
  }

  #operation<T>(operation: () => Promise<T>): Promise<T> {
    this.#parts.counts.operation('business');
    return this.#parts.life.run(operation);
  }
}

/** `own`: the markers of this commit, stale when it is lost unless a copy of it came first (K3). */
function commitOn(
  row: EntityRow,
  expected: number,
  change: Change,
  own: readonly Marker[],
  recorded: boolean,
): Applied<Changed<number | Conflict>> {
  if (row.version === expected) {
    const after = committed(row, change, recorded);
    return { row: after, answer: { answer: after.version, gone: markersGone(row, after) } };
  }
  const final = row.version > expected;
  const gone = final ? own.filter((marker) => !markedBy(marker, row)) : [];
  return { row: null, answer: { answer: conflict(row, expected), gone }, final };
}

function conflict({ endpoint, key, version }: EntityRow, expected: number): Conflict {
  return new Conflict(`${endpoint}/${key} is at ${version}, not ${expected}`);
}

function markersOf(address: Address, at: number, { entry, slot }: Change): readonly Marker[] {
  const markers: Marker[] = [];
  if (entry) markers.push({ ...address, messageId: entry.messageId, at, kind: 'entry' });
  if (slot) markers.push({ ...address, messageId: slot.messageId, at, kind: 'slot' });
  return markers;
}
