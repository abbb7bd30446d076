/**
 * The embedded backend: a deployment in one folder, on LMDB, shared by all processes that open it.
 *
 * Broker, business store, dedupe store and payload store are environments of their own with no
 * transaction across them, so that the protocols are needed; with the layout `island` broker and
 * business store are one, and the local transaction is there.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type EvidenceParts, type EvidenceSource, evidenceOf } from '../../engine/evidence.js';
import type { Ports } from '../../engine/ports.js';
import type { UpkeepParts } from '../../engine/upkeep.js';
import { EmbeddedBroker } from './broker.js';
import { EmbeddedBusinessStore } from './business.js';
import { EmbeddedDedupeStore } from './dedupe.js';
import { Env } from './env.js';
import {
  brokerEvidence,
  dedupeEvidence,
  EmbeddedBusinessEvidence,
  payloadEvidence,
} from './evidence.js';
import { type Layout, prepareFolder } from './folder.js';
import { Gate } from './gate.js';
import { EmbeddedIsland } from './island.js';
import { EmbeddedPayloadStore } from './payload.js';
import { purgeDispatched, purgeExpired } from './purge.js';
import { brokerUpkeep } from './upkeep-broker.js';
import { businessUpkeep } from './upkeep-business.js';
import { dedupeUpkeep, payloadUpkeep } from './upkeep-records.js';
import { WakeUp } from './wake-up.js';

export interface EmbeddedOptions {
  readonly folder: string;
  /** Name of this process, kept in the records it writes. */
  readonly worker: string;
  readonly layout: Layout;
  /** How long a flush gathers when nearly idle, ms. Default 2. */
  readonly gatherMs?: number;
  /** Upper bound of each environment's file. Default 8 GiB; the file grows only as needed. */
  readonly mapSizeBytes?: number;
  /** How long dispatched entries and entered records are kept, ms. Default 7 days. */
  readonly retentionMs?: number;
  /** Purges what is overdue, once a second. Workers do; a command that only looks does not. */
  readonly maintain?: boolean;
  /** Payload store's name in message headers. Default `embedded`. */
  readonly payloadName?: string;
}

export interface EmbeddedDeployment {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  /** The same, port by port: for a deployment that has some of its ports elsewhere. */
  readonly parts: EvidenceParts;
  /** What operating needs of each port's store. */
  readonly upkeep: UpkeepParts;
  /** Size of all files. */
  readonly storeBytes: () => Promise<number>;
  /** Flushes and operations by environment. */
  readonly counts: () => Readonly<Record<string, { flushes: number; operations: number }>>;
  /** Test access to each environment's flush. */
  readonly environments: Readonly<Record<string, Env>>;
  /** Waits for what is outstanding, then closes. */
  close(): Promise<void>;
}

const week = 7 * 24 * 3600 * 1000;
const defaultMapSize = 8 * 1024 ** 3;
const maintenanceMs = 1000;

/**
 * Opens or creates the deployment. Errors (nothing is changed): `format` for a foreign folder or file,
 * a newer format or another layout, `read-only`, `disk-full`; `unreachable` when a process of the
 * deployment is stopped in the middle of a write.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDeployment> {
  prepareFolder(options.folder, options.layout);
  const gate = new Gate({ folder: options.folder });
  const opened: Record<string, Env> = {};
  const openEnv = (name: string): Env => {
    const env = new Env({
      path: join(options.folder, `${name}.mdb`),
      gate,
      gatherMs: options.gatherMs ?? 2,
      mapSizeBytes: options.mapSizeBytes ?? defaultMapSize,
    });
    opened[name] = env;
    return env;
  };
  return gate.whileNobodyCommits(() => assemble(options, gate, opened, openEnv));
}

function assemble(
  options: EmbeddedOptions,
  gate: Gate,
  opened: Record<string, Env>,
  openEnv: (name: string) => Env,
): EmbeddedDeployment {
  const retentionMs = options.retentionMs ?? week;
  const isIsland = options.layout === 'island';
  const queueEnv = openEnv(isIsland ? 'island' : 'broker');
  const businessEnv = isIsland ? queueEnv : openEnv('business');
  const dedupeEnv = isIsland ? queueEnv : openEnv('dedupe');
  const payloadEnv = isIsland ? queueEnv : openEnv('payload');
  const wakeUp = new WakeUp(options.folder);
  const broker = new EmbeddedBroker(queueEnv, wakeUp);
  const business = new EmbeddedBusinessStore(businessEnv);
  const dedupe = new EmbeddedDedupeStore(dedupeEnv);
  const payload = new EmbeddedPayloadStore(payloadEnv, options.payloadName ?? 'embedded');
  const island = isIsland
    ? new EmbeddedIsland(queueEnv, broker, business.tables, { retentionMs, worker: options.worker })
    : undefined;
  const recordTable = island?.entered ?? dedupe.records;
  const parts: EvidenceParts = {
    broker: brokerEvidence(queueEnv, broker.tables),
    business: new EmbeddedBusinessEvidence(businessEnv, business.tables, retentionMs),
    dedupe: dedupeEvidence(dedupeEnv, recordTable),
    payload: payloadEvidence(payload),
  };
  const upkeep: UpkeepParts = {
    broker: brokerUpkeep(queueEnv, broker.tables),
    business: businessUpkeep(businessEnv, business.tables),
    dedupe: dedupeUpkeep(dedupeEnv, island ? [island.entered, dedupe.records] : [dedupe.records]),
    payload: payloadUpkeep(payload),
  };
  const maintain = async () => {
    wakeUp.refresh();
    for (const env of Object.values(opened)) env.checkReaders();
    if (!options.maintain) return;
    await purgeExpired(dedupeEnv, recordTable);
    await purgeDispatched(businessEnv, business.tables.dispatched, retentionMs);
  };
  const onExit = () => endHard(gate, Object.values(opened));
  process.once('exit', onExit);
  const stopMaintenance = repeat(maintain, maintenanceMs);
  return {
    ports: { broker, business, dedupe, payload, ...(island ? { island } : {}) },
    parts,
    upkeep,
    evidence: evidenceOf(parts),
    environments: opened,
    counts: () =>
      Object.fromEntries(Object.entries(opened).map(([name, env]) => [name, { ...env.counts }])),
    storeBytes: async () => filesOf(options.folder),
    close: async () => {
      await stopMaintenance();
      broker.close();
      for (const env of Object.values(opened)) await env.close();
      await gate.close();
      wakeUp.close();
      process.removeListener('exit', onExit);
    },
  };
}

/**
 * A process that exits in the middle of a flush would wait for its own dead thread, holding the
 * writer's lock that all others wait for. It dies as of a crash instead: nothing acknowledged is lost.
 */
function endHard(gate: Gate, environments: readonly Env[]): void {
  const isInside = gate.isHeld || environments.some((env) => env.isFlushing);
  if (isInside) process.kill(process.pid, 'SIGKILL');
}

function filesOf(folder: string): number {
  const names = readdirSync(folder).filter((name) => name.endsWith('.mdb'));
  const sizes = names.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size);
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** Runs `task` over and over without overlap; a failing one is tried again, the ports report it. */
function repeat(task: () => Promise<void>, everyMs: number): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = task()
      .catch(() => {})
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
