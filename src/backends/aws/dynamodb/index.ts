/**
 * Amazon DynamoDB as business store and dedupe store.
 *
 * The tables are made by `dynamodbProvisioner`; opening touches nothing, so that a missing table, or
 * missing credentials, shows at the first operation.
 */
import type { OpenedStores } from '../../../engine/backend.js';
import type { EvidenceParts } from '../../../engine/evidence.js';
import type { Ports } from '../../../engine/ports.js';
import type { AwsOptions } from '../shared/client.js';
import { DynamodbBusinessStore } from './business.js';
import type { CapacityUnits } from './capacity.js';
import { DynamodbDedupeStore } from './dedupe.js';
import { EntriesApart } from './entries-apart.js';
import { EntriesInside } from './entries-inside.js';
import { DynamodbBusinessEvidence, DynamodbDedupeEvidence } from './evidence.js';
import { pendingInEntity, pendingInEntryItem } from './pending.js';
import { RecordChain } from './record-chain.js';
import { StagedRecords } from './records.js';
import { Session } from './session.js';
import { Table } from './table.js';
import { type TableOptions, tableNames } from './tables.js';

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
  const each = <T>(look: (session: Session) => T) =>
    Object.fromEntries(Object.entries(sessions).map(([store, session]) => [store, look(session)]));
  return {
    ports: { ...business?.ports, ...dedupe?.ports },
    evidence: { ...business?.evidence, ...dedupe?.evidence },
    upkeep: {},
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
    sources: [
      { table: entities, pendingIn: pendingInEntity },
      ...(entryTable ? [{ table: entryTable, pendingIn: pendingInEntryItem }] : []),
    ],
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
  return { ports: { business }, evidence: { business: evidence } };
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
  return { ports: { dedupe }, evidence: { dedupe: evidence } };
}
