/** What operating finds among entries, slots and registrations. */
import type { Entry } from '../../engine/ports.js';
import type { BusinessUpkeep, RegisteredEntity } from '../../engine/upkeep.js';
import {
  type DispatchedRow,
  dispatchedEntry,
  type EntityRow,
  type EntityTables,
} from './entity-tables.js';
import { unpackEntry } from './entry-row.js';
import type { Env } from './env.js';
import { lookPage, type PageRow } from './pages.js';
import { PendingSearch } from './pending-search.js';
import { keyOf, unpack, unpackMaybe } from './records.js';

/** Opens its handles: while nobody else commits. */
export function businessUpkeep(env: Env, tables: EntityTables): BusinessUpkeep {
  const search = new PendingSearch(env);
  return {
    entries: async (endpoint, page) =>
      env.read(() => lookPage([tables.entries, tables.dispatched], endpoint, page).map(entryOf)),
    oldestPending: async (endpoint, olderThan, limit) =>
      env.read(() =>
        search.lookOldest(endpoint, olderThan, limit).flatMap(({ in: table, id }) => {
          const found =
            table === 'entries'
              ? tables.lookPendingEntry(endpoint, id)
              : tables.lookPendingSlot(endpoint, id);
          return found ?? [];
        }),
      ),
    countPending: async (endpoint, olderThan, most) => {
      const count = env.read(() => search.lookCount(endpoint, olderThan, most));
      return count > most ? { count: most, exact: false } : { count, exact: true };
    },
    registered: async (endpoint, page) =>
      env.read(() =>
        lookPage([tables.unfinished], endpoint, page).map(({ id: key }): RegisteredEntity => {
          const row = unpackMaybe<EntityRow>(tables.entities.get(keyOf(endpoint, key)));
          return { key, slot: row?.slot ?? null, registry: row?.registry ?? [] };
        }),
      ),
  };
}

function entryOf({ id, value, table }: PageRow): Entry {
  return table === 0 ? unpackEntry(value) : dispatchedEntry(id, unpack<DispatchedRow>(value));
}
