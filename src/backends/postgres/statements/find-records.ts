/** What operating lists of the small stores, and removes there. */
import type { DedupeRecord } from '../../../engine/ports.js';
import type { PageQuery, StoredPayload, StoredRecord } from '../../../engine/upkeep.js';
import { escapeText, unescapeText } from '../records.js';
import type { Row } from '../statement.js';
import type { Query } from '../upkeep-connection.js';
import { inPage, pageValues } from './page.js';

/**
 * Records of what was handled, and of what entered, by message id. An id that is in both tables comes
 * twice, so that a page has at least half of its rows to show.
 */
export function recordsPage(endpoint: string, query: PageQuery): Query {
  const columns = 'message_id, by, at, expires';
  const page = inPage('message_id');
  return {
    sql: `select * from (
        (select ${columns}, 1 as place from dedupe where endpoint = $1 and ${page})
        union all
        (select ${columns}, 2 from entered where endpoint = $1 and ${page})
      ) r order by message_id, place limit 2 * $4::bigint`,
    values: [escapeText(endpoint), ...pageValues(query)],
  };
}

export function storedRecord([messageId, by, at, expires]: Row): StoredRecord {
  return {
    messageId: unescapeText(messageId ?? ''),
    record: { by: unescapeText(by ?? ''), at: Number(at), expires: Number(expires) },
  };
}

/** Removes the record that is still this one; a row for each that was. */
export function removeRecord(endpoint: string, messageId: string, { by, at }: DedupeRecord): Query {
  const same = `endpoint = $1 and message_id = $2 and by = $3 and at = $4::float8 returning 1`;
  return {
    sql: `with handled as (delete from dedupe where ${same}),
        came as (delete from entered where ${same})
      select * from handled union all select * from came`,
    values: [escapeText(endpoint), escapeText(messageId), escapeText(by), at],
  };
}

/** Present payloads by id; a body is measured, not read. */
export function payloadsPage(query: PageQuery): Query {
  return {
    sql: `select id, endpoint, message_id, attempt, at, octet_length(body) from payloads
      where ${inPage('id', 1)}`,
    values: pageValues(query),
  };
}

export function storedPayload([id, endpoint, messageId, attempt, at, bytes]: Row): StoredPayload {
  return {
    id: unescapeText(id ?? ''),
    origin: {
      endpoint: unescapeText(endpoint ?? ''),
      messageId: unescapeText(messageId ?? ''),
      attempt: unescapeText(attempt ?? ''),
    },
    at: Number(at),
    bytes: Number(bytes),
  };
}
