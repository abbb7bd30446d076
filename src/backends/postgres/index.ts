/**
 * The PostgreSQL backend: any of the four ports in one schema of one database, on a few long-lived
 * connections. With broker and business store both here, the local transaction is there too.
 */
import { escapeIdentifier } from 'pg';
import type { OpenedStores, PortName } from '../../engine/backend.js';
import type { EvidenceParts } from '../../engine/evidence.js';
import type { Ports } from '../../engine/ports.js';
import type { UpkeepParts } from '../../engine/upkeep.js';
import { type Address, addressOf } from './address.js';
import { type Lanes, PostgresBroker } from './broker.js';
import { PostgresBusinessStore } from './business.js';
import { Connection, type Session } from './connection.js';
import { Copies } from './copies.js';
import { PostgresDedupeStore } from './dedupe.js';
import {
  dedupeEvidence,
  PostgresBrokerEvidence,
  PostgresBusinessEvidence,
  payloadEvidence,
} from './evidence.js';
import { PostgresIsland } from './island.js';
import { Lane } from './lane.js';
import { startMaintenance } from './maintenance.js';
import { PostgresPayloadStore } from './payload.js';
import { planner } from './planner.js';
import { checkSchema, checkSchemaName, lookAtSchema, type Queryable } from './schema.js';
import { cpuSecondsOf, postmasterOf } from './server-processes.js';
import { drawBlock } from './statements/draw-block.js';
import { serverProcess, storeBytes } from './statements/evidence.js';
import { leaseStatements, readStatements, writeStatements } from './statements/index.js';
import { postgresUpkeep } from './upkeep.js';
import { UpkeepConnection } from './upkeep-connection.js';
import { WakeUp } from './wake-up.js';

export { type PostgresProvisionerOptions, postgresProvisioner } from './provisioner.js';

export interface PostgresOptions {
  readonly ports: readonly PortName[];
  /** `postgres://…`; null: the PG* environment variables, as libpq takes them. */
  readonly url: string | null;
  /** Where the tables lie. Its name is part of the payload store's name. */
  readonly schema: string;
  /** Name of this process, kept in the records it writes. */
  readonly worker: string;
  /** How long a round trip gathers when nearly idle, ms. Default 2. */
  readonly gatherMs?: number;
  /** How long dispatched entries and entered records are kept, ms. */
  readonly retentionMs: number;
  /** Purges what is overdue, once a second. Workers do; a command that only looks does not. */
  readonly maintain: boolean;
  /** Connections at most; 3 are the least. Default 4. */
  readonly connections?: number;
}

/**
 * Opens the ports. Errors (nothing is changed): `format` for a schema that is missing, of another
 * version or not ours; `unreachable`, `denied`, `not-found` as the server or the network says.
 */
export async function openPostgres(options: PostgresOptions): Promise<OpenedStores> {
  checkSchemaName(options.schema);
  const wakeUp = new WakeUp(channelOf(options.schema), () => lanes.lease);
  const address = addressOf(options.url);
  const lanes = lanesOf(options, address, wakeUp);
  const copies = new Copies();
  try {
    await Promise.all(neededAtOnce(options, lanes).map((connection) => connection.open()));
    copies.use(await lanes.write.submit(drawBlock, null, 'at once'));
  } catch (error) {
    await closeLanes(lanes);
    throw error;
  }
  const stopMaintenance = startMaintenance({
    lanes,
    copies,
    purges: options.maintain,
    retentionMs: options.retentionMs,
  });
  const broker = new PostgresBroker(lanes, copies, wakeUp);
  const searchPath = escapeIdentifier(options.schema);
  const upkeep = new UpkeepConnection(address, applicationName(options), searchPath);
  return {
    ...portsOf(options, lanes, broker),
    upkeep: upkeepOf(options, postgresUpkeep(upkeep)),
    counts: () => ({
      writes: { ...lanes.write.counts },
      reads: { ...lanes.read.counts },
      leases: { ...lanes.lease.counts },
    }),
    storeBytes: () => lanes.read.submit(storeBytes, options.schema, 'at once'),
    serverCpuSeconds: () => serverCpuSeconds(lanes.read),
    close: once(async () => {
      broker.close();
      wakeUp.close();
      await stopMaintenance();
      await upkeep.close();
      await closeLanes(lanes);
    }),
  };
}

function portsOf(
  { ports: wanted, schema, worker, retentionMs }: PostgresOptions,
  lanes: Lanes,
  broker: PostgresBroker,
): Pick<OpenedStores, 'ports' | 'evidence'> {
  const has = (name: PortName) => wanted.includes(name);
  const isIsland = has('broker') && has('business');
  const ports: Partial<Ports> = {
    ...(has('broker') ? { broker } : {}),
    ...(has('business') ? { business: new PostgresBusinessStore(lanes) } : {}),
    ...(has('dedupe') ? { dedupe: new PostgresDedupeStore(lanes) } : {}),
    ...(has('payload') ? { payload: new PostgresPayloadStore(lanes, schema) } : {}),
    ...(isIsland
      ? { island: new PostgresIsland(lanes.write, broker, { retentionMs, worker }) }
      : {}),
  };
  const evidence: Partial<EvidenceParts> = {
    ...(has('broker') ? { broker: new PostgresBrokerEvidence(lanes) } : {}),
    ...(has('business') ? { business: new PostgresBusinessEvidence(lanes, retentionMs) } : {}),
    ...(has('dedupe') ? { dedupe: dedupeEvidence(lanes) } : {}),
    ...(has('payload') ? { payload: payloadEvidence(lanes) } : {}),
  };
  return { ports, evidence };
}

/** An island has records of what entered, whether or not it has dedupe records. */
function upkeepOf({ ports }: PostgresOptions, parts: UpkeepParts): Partial<UpkeepParts> {
  const isIsland = ports.includes('broker') && ports.includes('business');
  const found: readonly PortName[] = isIsland ? [...ports, 'dedupe'] : ports;
  return Object.fromEntries(found.map((port) => [port, parts[port]]));
}

/** Shown by the server in pg_stat_activity. */
function applicationName({ worker }: PostgresOptions): string {
  return `oncectl ${worker}`.slice(0, 63);
}

function lanesOf(options: PostgresOptions, address: Address, wakeUp: WakeUp): Lanes {
  const { schema } = options;
  const settings = {
    ...planner,
    bytea_output: 'hex',
    default_transaction_isolation: 'read committed',
    search_path: escapeIdentifier(schema),
  };
  const prepare = async (client: Queryable) => {
    checkSchema(await lookAtSchema(client, schema), schema);
  };
  const session: Session = {
    address,
    applicationName: applicationName(options),
    settings,
    statements: [],
    prepare,
  };
  const writers = Math.max(1, (options.connections ?? 4) - 2);
  const gatherMs = options.gatherMs ?? 2;
  const lane = (count: number, statements: Session['statements'], more: Partial<Session>) =>
    new Lane(
      Array.from({ length: count }, () => new Connection({ ...session, statements, ...more })),
      statements.map(({ name }) => name),
      gatherMs,
    );
  return {
    write: lane(writers, writeStatements, { prepare: durably(prepare) }),
    read: lane(1, readStatements, {}),
    lease: lane(1, leaseStatements, {
      settings: { ...settings, synchronous_commit: 'off' },
      onNotification: (payload) => wakeUp.heard(payload),
      prepare: async (client) => {
        await prepare(client);
        await client.query(`listen ${escapeIdentifier(channelOf(schema))}`);
        wakeUp.missed();
      },
    }),
  };
}

/** A server, a role or a database may have switched durable commits off: not for us. */
function durably(prepare: (client: Queryable) => Promise<void>) {
  return async (client: Queryable) => {
    await prepare(client);
    await client.query(
      `select set_config('synchronous_commit', 'on', false)
      where current_setting('synchronous_commit') = 'off'`,
    );
  };
}

function channelOf(schema: string): string {
  return `oncectl_${schema}`;
}

/** Who receives nothing needs no connection for leases: it is made if it is ever used. */
function neededAtOnce({ ports }: PostgresOptions, { write, read, lease }: Lanes): Connection[] {
  const lanes = ports.includes('broker') ? [write, read, lease] : [write, read];
  return lanes.flatMap(({ connections }) => connections);
}

async function closeLanes({ write, read, lease }: Lanes): Promise<void> {
  await Promise.all([write.close(), read.close(), lease.close()]);
}

async function serverCpuSeconds(lane: Lane): Promise<number | null> {
  const pid = await lane.submit(serverProcess, null, 'at once');
  const postmaster = postmasterOf(pid, lane.connections[0]?.localPort ?? null);
  return postmaster === null ? null : cpuSecondsOf(postmaster);
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= run();
    return running;
  };
}
