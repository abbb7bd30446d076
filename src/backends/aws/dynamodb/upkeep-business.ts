/**
 * Entries, slots and registries for an operator. What is pending is found by the index, which is some
 * milliseconds behind; what it leads to is read from the table. Costs:
 *  - `oldestPending`, `countPending`: a read for each item that is looked at, see `oldest-pending.ts`;
 *  - entries apart: a whole message id a read, anything else a scan of all entries of all endpoints;
 *  - entries inside: reads of all that is pending at the endpoint, where dispatched ones are marked too;
 *  - `registered`: a scan of all entities of all endpoints.
 */
import type { Entry, PendingEntry } from '../../../engine/ports.js';
import type { BusinessUpkeep, Count, PageQuery, RegisteredEntity } from '../../../engine/upkeep.js';
import { entriesOf, registryOf, slotOf } from './entity-item.js';
import { entryOf } from './entry-item.js';
import { keyOf, partitionOf, shards, splitKey } from './keys.js';
import { type FoundRow, isWholeId, Listing } from './listing.js';
import { countPending, oldestPending } from './oldest-pending.js';
import { firstPlace, markedItems, type PendingSource } from './pending.js';
import type { Session } from './session.js';
import type { Table } from './table.js';

export interface BusinessUpkeepParts {
  readonly session: Session;
  readonly entities: Table;
  /** Null when entries lie in their entities. */
  readonly entries: Table | null;
  readonly sources: readonly PendingSource[];
}

export class DynamodbBusinessUpkeep implements BusinessUpkeep {
  readonly #parts: BusinessUpkeepParts;
  readonly #entries: Listing<Entry>;
  readonly #registered: Listing<RegisteredEntity>;

  constructor(parts: BusinessUpkeepParts) {
    this.#parts = parts;
    const { entities, entries } = parts;
    this.#entries = entries ? entriesApart(entries) : entriesInside(entities);
    this.#registered = registeredIn(entities);
  }

  async entries(endpoint: string, page: PageQuery): Promise<readonly Entry[]> {
    return this.#parts.session.run(() => this.#entries.page(endpoint, page));
  }

  async oldestPending(
    endpoint: string,
    olderThan: number,
    limit: number,
  ): Promise<readonly PendingEntry[]> {
    if (limit < 1) return [];
    const { session, sources } = this.#parts;
    return session.run(() => oldestPending(sources, endpoint, olderThan, limit));
  }

  async countPending(endpoint: string, olderThan: number, most: number): Promise<Count> {
    const { session, sources } = this.#parts;
    return session.run(() => countPending(sources, endpoint, olderThan, most));
  }

  async registered(endpoint: string, page: PageQuery): Promise<readonly RegisteredEntity[]> {
    return this.#parts.session.run(() => this.#registered.page(endpoint, page));
  }
}

function entriesApart(entries: Table): Listing<Entry> {
  return new Listing<Entry>({
    find: async (endpoint, prefix) => {
      const start = keyOf(endpoint, prefix);
      return rowsOf(isWholeId(prefix) ? [start] : await entries.keys(start));
    },
    read: async ({ id, key }) => {
      const item = await entries.read(key);
      return item && entryOf(id, item);
    },
  });
}

function entriesInside(entities: Table): Listing<Entry> {
  return new Listing<Entry>({
    find: async (endpoint, prefix) => {
      const found: FoundRow[] = [];
      const shard = async (at: number) => {
        for await (const page of markedItems(entities, partitionOf(endpoint, at), firstPlace)) {
          for (const { key, item } of page) {
            const ids = Object.keys(entriesOf(item)).filter((id) => id.startsWith(prefix));
            found.push(...ids.map((id) => ({ id, key })));
          }
        }
      };
      await Promise.all(Array.from({ length: shards }, (_, at) => shard(at)));
      return found;
    },
    read: async ({ id, key }) => {
      const attributes = entriesOf(await entities.read(key))[id]?.M;
      return attributes ? entryOf(id, attributes) : null;
    },
  });
}

function registeredIn(entities: Table): Listing<RegisteredEntity> {
  return new Listing<RegisteredEntity>({
    find: async (endpoint, prefix) =>
      rowsOf(await entities.keys(keyOf(endpoint, prefix), ['slot', 'registry'])),
    read: async ({ id: key, key: itemKey }) => {
      const item = await entities.read(itemKey);
      const [slot, registry] = [slotOf(item), registryOf(item)];
      return slot || registry.length > 0 ? { key, slot, registry } : null;
    },
  });
}

function rowsOf(keys: readonly string[]): readonly FoundRow[] {
  return keys.map((key) => ({ id: splitKey(key).rest, key }));
}
