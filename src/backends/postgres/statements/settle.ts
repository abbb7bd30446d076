import type { SettleFrom } from '../../../engine/ports.js';
import { byteas, doubles, texts } from '../arrays.js';
import { isKeyed } from '../planner.js';
import { byPosition, type Row, type Statement } from '../statement.js';

export interface Settle {
  readonly endpoint: string;
  readonly messageId: string;
  readonly from: SettleFrom;
}

export interface Check extends Settle {
  readonly payloads: Buffer;
}

export interface Dispatch extends Settle {
  readonly at: number;
}

const keysOf = ({ endpoint, messageId }: Settle) => [`entry ${endpoint}/${messageId}`];

const read = (ops: readonly unknown[], rows: readonly Row[]) =>
  byPosition(ops, rows).map((row) => row !== undefined);

function bindSettles(ops: readonly Settle[]) {
  return [
    texts(ops.map(({ endpoint }) => endpoint)),
    texts(ops.map(({ messageId }) => messageId)),
    texts(ops.map(({ from }) => from)),
  ];
}

const matches = `${isKeyed('p', 'a', ['endpoint', 'message_id'])}
  and (a.origin = 'any' or p.step = a.origin)`;

const matchesDispatched = `a.origin in ('any', 'dispatched')
  and ${isKeyed('d', 'a', ['endpoint', 'message_id'])}`;

/** Notes the payloads and drops the bodies, which are in the payload store from here on. */
export const settleChecked: Statement<Check, boolean> = {
  name: 'settle-checked',
  sql: `update entries p set step = 'checked', payloads = a.payloads, bodies = null
    from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) with ordinality
      as a(endpoint, message_id, origin, payloads, n)
    where ${matches} returning a.n`,
  keysOf,
  bind: (ops) => [...bindSettles(ops), byteas(ops.map(({ payloads }) => payloads))],
  read,
};

/** Moves the entry to the dispatched ones, without its messages; one that is there is dated anew. */
export const settleDispatched: Statement<Dispatch, boolean> = {
  name: 'settle-dispatched',
  sql: `with asked as materialized (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::float8[]) with ordinality
        as a(endpoint, message_id, origin, at, n)
    ), moved as (
      delete from entries p using asked a where ${matches}
      returning p.*, a.at, a.n
    ), kept as (
      insert into dispatched
        (endpoint, message_id, key, transaction, worker, committed_at, dispatched_at)
      select endpoint, message_id, key, transaction, worker, committed_at, at from moved
      on conflict (endpoint, message_id) do update set dispatched_at = excluded.dispatched_at
    ), dated as (
      update dispatched d set dispatched_at = a.at from asked a
      where a.n not in (select n from moved) and ${matchesDispatched} returning a.n
    )
    select n from moved union select n from dated`,
  keysOf,
  bind: (ops) => [...bindSettles(ops), doubles(ops.map(({ at }) => at))],
  read,
};

export const settleRemoved: Statement<Settle, boolean> = {
  name: 'settle-removed',
  sql: `with asked as materialized (
      select * from unnest($1::text[], $2::text[], $3::text[]) with ordinality
        as a(endpoint, message_id, origin, n)
    ), removed as (
      delete from entries p using asked a where ${matches} returning a.n
    ), forgotten as (
      delete from dispatched d using asked a where ${matchesDispatched} returning a.n
    )
    select n from removed union select n from forgotten`,
  keysOf,
  bind: bindSettles,
  read,
};

/** Where an entry stands; null when there is none. */
export const stepOfEntry: Statement<Pick<Settle, 'endpoint' | 'messageId'>, string | null> = {
  name: 'step-of-entry',
  sql: `select a.n, coalesce(
      (select step from entries p where p.endpoint = a.endpoint and p.message_id = a.message_id),
      (select 'dispatched' from dispatched d
        where d.endpoint = a.endpoint and d.message_id = a.message_id))
    from unnest($1::text[], $2::text[]) with ordinality as a(endpoint, message_id, n)`,
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    texts(ops.map(({ messageId }) => messageId)),
  ],
  read: (ops, rows) => byPosition(ops, rows).map((row) => row?.[1] ?? null),
};
