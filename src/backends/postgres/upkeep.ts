/** What operating finds and removes: a part for each port, all on one connection of their own. */
import type { PendingEntry } from '../../engine/ports.js';
import type { BusinessUpkeep, UpkeepParts } from '../../engine/upkeep.js';
import {
  copiesById,
  copiesByPrefix,
  discardCopy,
  oldestDue,
  queuedCopy,
} from './statements/find-copies.js';
import {
  countEntries,
  entriesPage,
  oldestEntries,
  oldestEntry,
  pagedEntry,
  pendingSlot,
  registeredEntity,
  registeredPage,
  slotsPage,
} from './statements/find-entries.js';
import {
  payloadsPage,
  recordsPage,
  removeRecord,
  storedPayload,
  storedRecord,
} from './statements/find-records.js';
import type { UpkeepConnection } from './upkeep-connection.js';

const slotsAtOnce = 1_000;

export function postgresUpkeep(connection: UpkeepConnection): UpkeepParts {
  return {
    broker: {
      searching: 'reads',
      copies: async (endpoints, prefix, limit) => {
        const query = copiesByPrefix(endpoints, prefix, limit);
        return (await connection.run(query, 'reads')).map(queuedCopy);
      },
      copiesOf: async (endpoints, messageIds) => {
        const query = copiesById(endpoints, [...messageIds]);
        return (await connection.run(query, 'reads')).map(queuedCopy);
      },
      oldest: async (endpoint) => {
        const [row] = await connection.run(oldestDue(endpoint), 'reads');
        return row ? Number(row[0]) / 1000 : null;
      },
      discard: async (endpoint, receipt) => {
        const copy = receipt === '' ? Number.NaN : Number(receipt);
        if (!Number.isSafeInteger(copy)) return false;
        return (await connection.run(discardCopy(endpoint, copy), 'writes')).length > 0;
      },
    },
    business: businessUpkeep(connection),
    dedupe: {
      records: async (endpoint, page) => {
        const rows = await connection.run(recordsPage(endpoint, page), 'reads');
        const once = new Map(
          rows
            .map(storedRecord)
            .reverse()
            .map((one) => [one.messageId, one]),
        );
        return [...once.values()].reverse().slice(0, page.limit);
      },
      remove: async (endpoint, messageId, record) => {
        const query = removeRecord(endpoint, messageId, record);
        return (await connection.run(query, 'writes')).length > 0;
      },
    },
    payload: {
      payloads: async (page) =>
        (await connection.run(payloadsPage(page), 'reads')).map(storedPayload),
    },
  };
}

function businessUpkeep(connection: UpkeepConnection): BusinessUpkeep {
  return {
    entries: async (endpoint, page) => {
      const rows = await connection.run(entriesPage(endpoint, page), 'reads');
      return rows.flatMap((row) => pagedEntry(row) ?? []);
    },
    oldestPending: async (endpoint, olderThan, limit) => {
      const rows = await connection.run(oldestEntries(endpoint, olderThan, limit), 'reads');
      const found = rows.map((row) => oldestEntry(endpoint, row));
      for await (const slot of slotsOf(connection, endpoint, olderThan)) found.push(slot);
      return found.sort((left, right) => left.committedAt - right.committedAt).slice(0, limit);
    },
    countPending: async (endpoint, olderThan, most) => {
      const [row] = await connection.run(countEntries(endpoint, olderThan, most + 1), 'reads');
      let count = Number(row?.[0] ?? 0);
      if (count <= most) {
        for await (const _ of slotsOf(connection, endpoint, olderThan)) {
          if (++count > most) break;
        }
      }
      return count > most ? { count: most, exact: false } : { count, exact: true };
    },
    registered: async (endpoint, page) =>
      (await connection.run(registeredPage(endpoint, page), 'reads')).map(registeredEntity),
  };
}

/** Every slot that was taken before `olderThan`. */
async function* slotsOf(
  connection: UpkeepConnection,
  endpoint: string,
  olderThan: number,
): AsyncIterable<PendingEntry> {
  for (let after: string | null = null; ; ) {
    const query = slotsPage(endpoint, after, slotsAtOnce);
    const rows = await connection.run(query, 'reads');
    const slots = rows.map((row) => pendingSlot(endpoint, row));
    for (const slot of slots) if (slot.committedAt < olderThan) yield slot;
    if (rows.length < slotsAtOnce) return;
    after = slots.at(-1)?.key ?? null;
  }
}
