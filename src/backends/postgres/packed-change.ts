/** A change with its records packed: when it is handed in, for the caller may change its own bytes. */
import type { Change, Entry } from '../../engine/ports.js';
import { bigints, byteas, doubles, texts } from './arrays.js';
import { copyOf, pack, packOutgoing } from './records.js';
import type { Value } from './statement.js';

export interface PackedChange {
  readonly endpoint: string;
  readonly key: string;
  readonly expected: number;
  /** Which columns change: 1 state, 2 transaction, 4 slot, 8 registry. */
  readonly mask: number;
  readonly state: Buffer | null;
  readonly transaction: string | null;
  readonly slot: Buffer | null;
  readonly registry: Buffer | null;
  readonly record: Buffer | null;
  readonly entry: PackedEntry | null;
}

interface PackedEntry extends Omit<Entry, 'messages'> {
  readonly outgoing: Buffer;
  readonly bodies: Buffer;
}

export function packChange(
  endpoint: string,
  key: string,
  expected: number,
  change: Change,
): PackedChange {
  const { state, transaction, slot, registry, record, entry } = change;
  const mask =
    (state === undefined ? 0 : 1) +
    (transaction === undefined ? 0 : 2) +
    (slot === undefined ? 0 : 4) +
    (registry === undefined ? 0 : 8);
  return {
    endpoint,
    key,
    expected,
    mask,
    state: state ? copyOf(state) : null,
    transaction: transaction ?? null,
    slot: slot ? pack(slot) : null,
    registry: registry && registry.length > 0 ? pack(registry) : null,
    record: record ? pack(record) : null,
    entry: entry ? packEntry(entry) : null,
  };
}

function packEntry({ messages, ...entry }: Entry): PackedEntry {
  return { ...entry, ...packOutgoing(messages) };
}

export function changeKeys({ endpoint, key, entry }: PackedChange): string[] {
  const entity = `entity ${endpoint}/${key}`;
  return entry ? [entity, `entry ${endpoint}/${entry.messageId}`] : [entity];
}

export function changeOrder({ endpoint, key }: PackedChange): string {
  return `${endpoint}/${key}`;
}

export function weighChange({ state, entry, slot }: PackedChange): number {
  const ofEntry = entry ? entry.outgoing.length + entry.bodies.length : 0;
  return (state?.length ?? 0) + ofEntry + (slot?.length ?? 0);
}

/** Seventeen columns; `changeColumns` names them. */
export function bindChanges(changes: readonly PackedChange[]): Value[] {
  const entries = changes.map(({ entry }) => entry);
  return [
    texts(changes.map(({ endpoint }) => endpoint)),
    texts(changes.map(({ key }) => key)),
    bigints(changes.map(({ expected }) => expected)),
    bigints(changes.map(({ mask }) => mask)),
    byteas(changes.map(({ state }) => state)),
    texts(changes.map(({ transaction }) => transaction)),
    byteas(changes.map(({ slot }) => slot)),
    byteas(changes.map(({ registry }) => registry)),
    byteas(changes.map(({ record }) => record)),
    texts(entries.map((entry) => entry?.messageId ?? null)),
    texts(entries.map((entry) => entry?.transaction ?? null)),
    texts(entries.map((entry) => entry?.step ?? null)),
    texts(entries.map((entry) => entry?.worker ?? null)),
    doubles(entries.map((entry) => entry?.committedAt ?? null)),
    byteas(entries.map((entry) => entry?.outgoing ?? null)),
    byteas(entries.map((entry) => entry?.bodies ?? null)),
    texts(entries.map((entry) => entry?.token ?? null)),
  ];
}

export const changeTypes = [
  'text',
  'text',
  'bigint',
  'bigint',
  'bytea',
  'text',
  'bytea',
  'bytea',
  'bytea',
  'text',
  'text',
  'text',
  'text',
  'float8',
  'bytea',
  'bytea',
  'text',
] as const;

export const changeColumns = `endpoint, key, expected, mask, state, transaction, slot, registry, record,
  entry_id, entry_transaction, step, worker, committed_at, outgoing, bodies, token`;

/** The new row of entity `e`, by change `a`: what the change leaves out stays. */
export const applyChange = `version = e.version + 1,
  state = case when a.mask & 1 = 0 then e.state else a.state end,
  transaction = case when a.mask & 2 = 0 then e.transaction else a.transaction end,
  slot = case when a.mask & 4 = 0 then e.slot else a.slot end,
  registry = case when a.mask & 8 = 0 then e.registry else a.registry end`;

/**
 * The place of the entity that change `a` is for, when it is at the version that `a` expects; to be
 * joined to the changes, with `isExpected` as the condition of the update. The version says that it is
 * still the row that was found: whoever changes it meanwhile changes that too, and the place may be stale.
 */
export const findExpected = `cross join lateral (
      select ctid as place from entities
      where endpoint = a.endpoint and key = a.key and version = a.expected offset 0
    ) found`;

export const isExpected = 'e.ctid = found.place and e.version = a.expected';

/** What `noteChanges` needs of each change that was made. */
export const changedColumns = `a.n, a.endpoint, a.key, a.record, a.entry_id, a.entry_transaction,
  a.step, a.worker, a.committed_at, a.outgoing, a.bodies, a.token`;

/** Entry and commit record of each row in `changed`, in the statement that made the change. */
export const noteChanges = `entered as (
    insert into entries (endpoint, message_id, key, transaction, step, worker, committed_at,
      outgoing, bodies, token)
    select endpoint, entry_id, key, entry_transaction, step, worker, committed_at, outgoing, bodies,
      token
    from changed where entry_id is not null
    on conflict (endpoint, message_id) do update set key = excluded.key,
      transaction = excluded.transaction, step = excluded.step, worker = excluded.worker,
      committed_at = excluded.committed_at, outgoing = excluded.outgoing, bodies = excluded.bodies,
      payloads = null, token = excluded.token
  ), noted as (
    insert into journal (record) select record from changed where record is not null
  )`;
