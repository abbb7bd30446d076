import type { PayloadOrigin } from '../../../engine/ports.js';
import { byteas, doubles, texts } from '../arrays.js';
import { fromHex } from '../records.js';
import { byPosition, nothing, type Statement } from '../statement.js';

export interface Put {
  readonly id: string;
  readonly body: Buffer;
  readonly origin: PayloadOrigin;
  readonly at: number;
}

export const putPayload: Statement<Put, void> = {
  name: 'put-payload',
  sql: `insert into payloads (id, body, endpoint, message_id, attempt, at)
    select * from unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::float8[])
    order by 1
    on conflict (id) do update set body = excluded.body, endpoint = excluded.endpoint,
      message_id = excluded.message_id, attempt = excluded.attempt, at = excluded.at`,
  keysOf: ({ id }) => [`payload ${id}`],
  weigh: ({ body }) => body.length,
  bind: (ops) => [
    texts(ops.map(({ id }) => id)),
    byteas(ops.map(({ body }) => body)),
    texts(ops.map(({ origin }) => origin.endpoint)),
    texts(ops.map(({ origin }) => origin.messageId)),
    texts(ops.map(({ origin }) => origin.attempt)),
    doubles(ops.map(({ at }) => at)),
  ],
  read: nothing,
};

/** How much a body of unknown size counts: what one round trip fetches stays bounded. */
const guessedBytes = 16 * 1024;

export const getPayload: Statement<string, Buffer | null> = {
  name: 'get-payload',
  sql: `select a.n, p.body from unnest($1::text[]) with ordinality as a(id, n)
    cross join lateral (select body from payloads where id = a.id offset 0) p`,
  weigh: () => guessedBytes,
  bind: (ops) => [texts(ops)],
  read: (ops, rows) =>
    byPosition(ops, rows).map((row) => (typeof row?.[1] === 'string' ? fromHex(row[1]) : null)),
};

/** Removing what is not there does nothing. */
export const deletePayload: Statement<string, void> = {
  name: 'delete-payload',
  sql: `delete from payloads where id = any($1::text[])`,
  keysOf: (id) => [`payload ${id}`],
  bind: (ops) => [texts(ops)],
  read: nothing,
};
