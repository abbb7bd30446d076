import type { Entity, Entry, EntryStep, Registration, Slot } from '../../../engine/ports.js';
import { texts } from '../arrays.js';
import { fromHex, unescapeText, unpackMaybe, unpackOutgoing } from '../records.js';
import { byPosition, type Row, type Statement } from '../statement.js';

export interface Load {
  readonly endpoint: string;
  readonly key: string;
  readonly messageId: string;
}

/** Entity and this message's entry; the entry may have moved to the dispatched ones. */
export const load: Statement<Load, Entity> = {
  name: 'load',
  sql: `select a.n, e.version, e.transaction, e.state, e.slot, e.registry,
      coalesce(p.step, case when d.message_id is not null then 'dispatched' end),
      coalesce(p.key, d.key), coalesce(p.transaction, d.transaction), coalesce(p.worker, d.worker),
      coalesce(p.committed_at, d.committed_at), p.outgoing, p.bodies, p.payloads, d.dispatched_at,
      p.token
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality
      as a(endpoint, key, message_id, n)
    left join lateral (
      select * from entities where endpoint = a.endpoint and key = a.key offset 0
    ) e on true
    left join lateral (
      select * from entries where endpoint = a.endpoint and message_id = a.message_id offset 0
    ) p on true
    left join lateral (
      select * from dispatched where endpoint = a.endpoint and message_id = a.message_id offset 0
    ) d on true`,
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    texts(ops.map(({ key }) => key)),
    texts(ops.map(({ messageId }) => messageId)),
  ],
  read: (ops, rows) =>
    byPosition(ops, rows).map((row, at) => entityOf(row ?? [], ops[at]?.messageId ?? '')),
};

function entityOf(row: Row, messageId: string): Entity {
  const [, version, transaction, state, slot, registry] = row;
  return {
    version: Number(version ?? 0),
    transaction: typeof transaction === 'string' ? unescapeText(transaction) : null,
    state: typeof state === 'string' ? fromHex(state) : null,
    slot: unpackMaybe<Slot>(slot),
    registry: unpackMaybe<Registration[]>(registry) ?? [],
    entry: entryOf(row.slice(6), messageId),
  };
}

/** Step, key, transaction, worker, commit, outgoing, bodies, payloads, dispatch, token of an entry. */
export function entryOf(row: Row, messageId: string): Entry | null {
  const [step, key, transaction, worker, committedAt, outgoing, bodies, payloads, at, token] = row;
  if (typeof step !== 'string') return null;
  const entry = {
    messageId,
    step: step as EntryStep,
    key: unescapeText(key ?? ''),
    transaction: unescapeText(transaction ?? ''),
    worker: unescapeText(worker ?? ''),
    committedAt: Number(committedAt),
    messages: unpackOutgoing(outgoing ?? null, bodies ?? null),
    ...(typeof token === 'string' ? { token: unescapeText(token) } : {}),
  };
  if (step === 'dispatched') return { ...entry, dispatchedAt: Number(at) };
  if (typeof payloads !== 'string') return entry;
  return { ...entry, payloads: unpackMaybe<Record<string, string>>(payloads) ?? {} };
}
