/**
 * Amazon DynamoDB as business store and dedupe store.
 *
 * The tables are made by `dynamodbProvisioner`; opening touches nothing, so that a missing table, or
 * missing credentials, shows at the first operation.
 */
import type { OpenedStores } from '../../../engine/backend.js';
import type { EvidenceParts } from '../../../engine/evidence.js';
import type { Ports } from '../../../engine/ports.js';
import type { UpkeepParts } from '../../../engine/upkeep.js';
import type { AwsOptions } from '../shared/client.js';
import { DynamodbBusinessStore } from './business.js';
import type { CapacityUnits } from './capacity.js';
import { DynamodbDedupeStore } from './dedupe.js';
import { EntriesApart } from './entries-apart.js';
import { EntriesInside } from './entries-inside.js';
import { DynamodbBusinessEvidence, DynamodbDedupeEvidence } from './evidence.js';
import { type PendingSource, pendingInEntity, pendingInEntryItem } from './pending.js';
import { RecordChain } from './record-chain.js';
import { StagedRecords } from './records.js';
import { Session } from './session.js';
import { Table } from './table.js';
import { type TableOptions, tableNames } from './tables.js';
import { DynamodbBusinessUpkeep } from './upkeep-business.js';
import { DynamodbDedupeUpkeep } from './upkeep-dedupe.js';

export { dynamodbProvisioner } from './provision.js';

export interface DynamodbOptions extends TableOptions {
  readonly aws: AwsOptions;
  /** Name of this process. The records of a DynamoDB store get theirs from the engine. */
  readonly worker: string;
  /** How long dispatched entries and commit records are kept, ms. */
  readonly retentionMs: number;
  /** Without effect: what has expired is deleted by the service itself. */
  readonly maintain: boolean;
}

export interface OpenedDynamodb extends OpenedStores {
  /** Capacity units consumed so far, by store, as `counts`; for the bill. */
  readonly capacity: () => Readonly<Record<string, CapacityUnits>>;
}

/** Opens the ports that are asked for. Rejects with nothing: no request is made. */
export async function openDynamodb(options: DynamodbOptions): Promise<OpenedDynamodb> {
  const sessions: Record<string, Session> = {};
  const sessionOf = (store: string) => {
    sessions[store] ??= new Session(options.aws);
    return sessions[store];
  };
  const business = options.ports.includes('business') ? openBusiness(options, sessionOf) : null;
  const dedupe = options.ports.includes('dedupe') ? openDedupe(options, sessionOf) : null;
  // A worker never looks for an operator: its figures have no line for it.
  const used = () =>
    Object.entries(sessions).filter(
      ([store, { attempts }]) => store !== 'upkeep' || attempts.total > 0,
    );
  const each = <T>(look: (session: Session) => T) =>
    Object.fromEntries(used().map(([store, session]) => [store, look(session)]));
  return {
    ports: { ...business?.ports, ...dedupe?.ports },
    evidence: { ...business?.evidence, ...dedupe?.evidence },
    upkeep: { ...business?.upkeep, ...dedupe?.upkeep },
    counts: () => each(({ counts }) => counts),
    capacity: () => each(({ capacity }) => capacity.units),
    storeBytes: async () => 0,
    close: async () => {
      await Promise.all(Object.values(sessions).map((session) => session.close()));
    },
  };
}

/** A dedupe record holds up the acknowledgement alone, never the next hop. */
const addLingerMs = 8;

interface Part {
  readonly ports: Partial<Ports>;
  readonly evidence: Partial<EvidenceParts>;
  readonly upkeep: Partial<UpkeepParts>;
}

type SessionOf = (store: string) => Session;

function openBusiness(options: DynamodbOptions, sessionOf: SessionOf): Part {
  const { separateEntries, retentionMs } = options;
  const names = tableNames(options.table);
  const session = sessionOf('business');
  const entities = new Table(session, names.entities);
  const entryTable = separateEntries ? new Table(session, names.entries) : null;
  const audit = options.audit ? openRecords(options, sessionOf('audit')) : null;
  const business = new DynamodbBusinessStore({
    session,
    entries: entryTable
      ? new EntriesApart(entities, entryTable, retentionMs)
      : new EntriesInside(entities),
    sources: sourcesOf(entities, entryTable),
    records: audit?.records ?? null,
    separateEntries,
  });
  const evidenceSession = sessionOf('audit');
  const evidence = new DynamodbBusinessEvidence({
    entities: new Table(evidenceSession, names.entities),
    entries: separateEntries ? new Table(evidenceSession, names.entries) : null,
    chain: audit?.chain ?? null,
    retentionMs,
  });
  const upkeep = openUpkeep(options, sessionOf('upkeep'));
  return {
    ports: { business },
    evidence: { business: evidence },
    upkeep: { business: upkeep },
  };
}

function openUpkeep({ table, separateEntries }: DynamodbOptions, session: Session) {
  const names = tableNames(table);
  const entities = new Table(session, names.entities);
  const entries = separateEntries ? new Table(session, names.entries) : null;
  const sources = sourcesOf(entities, entries);
  return new DynamodbBusinessUpkeep({ session, entities, entries, sources });
}

function sourcesOf(entities: Table, entries: Table | null): readonly PendingSource[] {
  return [
    { table: entities, pendingIn: pendingInEntity, ownPlace: false },
    ...(entries ? [{ table: entries, pendingIn: pendingInEntryItem, ownPlace: true }] : []),
  ];
}

function openRecords(options: DynamodbOptions, session: Session) {
  const names = tableNames(options.table);
  const staged = new Table(session, names.records);
  const heads = new Table(session, names.entities, {
    projection: ['key', 'version', 'record'],
  });
  return {
    records: new StagedRecords(staged, heads, options.retentionMs),
    chain: new RecordChain(staged, heads),
  };
}

function openDedupe(options: DynamodbOptions, sessionOf: SessionOf): Part {
  const { dedupe: name } = tableNames(options.table);
  const session = sessionOf('dedupe');
  const use = { projection: ['key', 'until'], lingerMs: addLingerMs };
  const dedupe = new DynamodbDedupeStore(session, new Table(session, name, use));
  const evidence = new DynamodbDedupeEvidence(new Table(sessionOf('audit'), name));
  const looking = sessionOf('upkeep');
  const upkeep = new DynamodbDedupeUpkeep(looking, new Table(looking, name));
  return { ports: { dedupe }, evidence: { dedupe: evidence }, upkeep: { dedupe: upkeep } };
}
