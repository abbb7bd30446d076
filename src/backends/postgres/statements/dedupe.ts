import type { DedupeRecord } from '../../../engine/ports.js';
import { doubles, texts } from '../arrays.js';
import { byPosition, nothing, type Statement } from '../statement.js';

export interface RecordId {
  readonly endpoint: string;
  readonly messageId: string;
}

export interface NewRecord extends RecordId {
  readonly record: DedupeRecord;
}

/** Whether the record is there and not expired, by the server's clock. */
export const hasRecord: Statement<RecordId, boolean> = {
  name: 'has-record',
  sql: `select a.n from unnest($1::text[], $2::text[]) with ordinality as a(endpoint, message_id, n)
    cross join lateral (
      select expires from dedupe
      where endpoint = a.endpoint and message_id = a.message_id offset 0
    ) d
    where d.expires > extract(epoch from statement_timestamp()) * 1000`,
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    texts(ops.map(({ messageId }) => messageId)),
  ],
  read: (ops, rows) => byPosition(ops, rows).map((row) => row !== undefined),
};

/** Adds the record, or dates the one that is there anew. */
export const addRecord: Statement<NewRecord, void> = {
  name: 'add-record',
  sql: `insert into dedupe (endpoint, message_id, by, at, expires)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[])
    order by 1, 2
    on conflict (endpoint, message_id)
      do update set by = excluded.by, at = excluded.at, expires = excluded.expires`,
  keysOf: ({ endpoint, messageId }) => [`record ${endpoint}/${messageId}`],
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    texts(ops.map(({ messageId }) => messageId)),
    texts(ops.map(({ record }) => record.by)),
    doubles(ops.map(({ record }) => record.at)),
    doubles(ops.map(({ record }) => record.expires)),
  ],
  read: nothing,
};
