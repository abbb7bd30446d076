/**
 * What operating lists of the business store. The oldest pending entries are found without an index on
 * their times, which every message would pay for: the server reads the table with parallel workers and
 * keeps the oldest, about half a second a million entries, whatever their order.
 */
import type { Entry, PendingEntry, Registration, Slot } from '../../../engine/ports.js';
import type { PageQuery, RegisteredEntity } from '../../../engine/upkeep.js';
import { escapeText, unescapeText, unpackHex, unpackMaybe } from '../records.js';
import type { Row } from '../statement.js';
import type { Query } from '../upkeep-connection.js';
import { entryOf } from './load.js';
import { inPage, pageValues } from './page.js';

const page = inPage('message_id');

/** Entries of any step, by message id: those that are pending and those that were dispatched. */
export function entriesPage(endpoint: string, query: PageQuery): Query {
  return {
    sql: `select * from (
        (select message_id, step, key, transaction, worker, committed_at, outgoing, bodies, payloads,
          null::float8, token from entries where endpoint = $1 and ${page})
        union all
        (select message_id, 'dispatched', key, transaction, worker, committed_at, null, null, null,
          dispatched_at, null from dispatched where endpoint = $1 and ${page})
      ) e order by message_id limit $4::bigint`,
    values: [escapeText(endpoint), ...pageValues(query)],
  };
}

export function pagedEntry([messageId, ...entry]: Row): Entry | null {
  return entryOf(entry, unescapeText(messageId ?? ''));
}

/** Entities with a slot or registrations, by key. */
export function registeredPage(endpoint: string, query: PageQuery): Query {
  return {
    sql: `select key, slot, registry from entities
      where endpoint = $1 and (slot is not null or registry is not null) and ${inPage('key')}`,
    values: [escapeText(endpoint), ...pageValues(query)],
  };
}

export function registeredEntity([key, slot, registry]: Row): RegisteredEntity {
  return {
    key: unescapeText(key ?? ''),
    slot: unpackMaybe<Slot>(slot),
    registry: unpackMaybe<Registration[]>(registry) ?? [],
  };
}

/** The oldest entries that are not dispatched, committed before `olderThan`. */
export function oldestEntries(endpoint: string, olderThan: number, limit: number): Query {
  return {
    sql: `select key, message_id, step, worker, committed_at from entries
      where endpoint = $1 and committed_at < $2::float8 order by committed_at limit $3::bigint`,
    values: [escapeText(endpoint), olderThan, limit],
  };
}

export function oldestEntry(endpoint: string, row: Row): PendingEntry {
  const [key, messageId, step, worker, committedAt] = row;
  return {
    endpoint,
    key: unescapeText(key ?? ''),
    messageId: unescapeText(messageId ?? ''),
    step: step === 'checked' ? 'checked' : 'committed',
    worker: unescapeText(worker ?? ''),
    committedAt: Number(committedAt),
    cursor: `e/${unescapeText(messageId ?? '')}`,
  };
}

/** How many entries were committed before `olderThan`, up to `most`. */
export function countEntries(endpoint: string, olderThan: number, most: number): Query {
  return {
    sql: `select count(*) from (select from entries where endpoint = $1
      and committed_at < $2::float8 limit $3::bigint) e`,
    values: [escapeText(endpoint), olderThan, most],
  };
}

/** Taken slots behind a key, by key; their times lie within them. Few entities have one. */
export function slotsPage(endpoint: string, after: string | null, limit: number): Query {
  return {
    sql: `select key, slot from entities where endpoint = $1 and slot is not null
      and ($2::text is null or key > $2::text) order by key limit $3::bigint`,
    values: [escapeText(endpoint), after === null ? null : escapeText(after), limit],
  };
}

export function pendingSlot(endpoint: string, [key, slot]: Row): PendingEntry {
  const { messageId, worker, committedAt } = unpackHex<Slot>(slot ?? '');
  const name = unescapeText(key ?? '');
  return {
    ...{ endpoint, key: name, messageId, step: 'slot', worker, committedAt },
    cursor: `s/${name}`,
  } as const;
}
