/** What operating finds among dedupe records and payloads, and the records that it removes. */
import type { Database } from 'lmdb';
import type { DedupeRecord } from '../../engine/ports.js';
import type { DedupeUpkeep, PayloadUpkeep } from '../../engine/upkeep.js';
import type { Env } from './env.js';
import { lookPage } from './pages.js';
import type { EmbeddedPayloadStore } from './payload.js';
import { keyOf, unpack, unpackMaybe } from './records.js';

/** Of the dedupe records, and in an island of the records of what entered. */
export function dedupeUpkeep(env: Env, tables: readonly Database<Buffer, string>[]): DedupeUpkeep {
  return {
    records: async (endpoint, page) =>
      env.read(() =>
        lookPage(tables, endpoint, page).map(({ id, value }) => {
          return { messageId: id, record: unpack<DedupeRecord>(value) };
        }),
      ),
    remove: (endpoint, messageId, { by, at }) => {
      const key = keyOf(endpoint, messageId);
      const remove = (table: Database<Buffer, string>): boolean => {
        const found = unpackMaybe<DedupeRecord>(table.get(key));
        if (found?.by !== by || found.at !== at) return false;
        table.remove(key);
        return true;
      };
      return env.write(() => tables.some(remove), 'now', 'frees');
    },
  };
}

export function payloadUpkeep(payload: EmbeddedPayloadStore): PayloadUpkeep {
  return {
    payloads: async ({ prefix, after, limit }) =>
      payload.page(after, limit, prefix).map(([id, { at, bytes, ...origin }]) => {
        return { id, origin, at, bytes };
      }),
  };
}
