/**
 * Opens the stores that a profile names: in every island each backend once, with the ports it has
 * there, put together as one. A new backend adds a line to `openers`.
 */
import {
  type OpenedStores,
  type PortName,
  portNames,
  type StoreCounts,
} from '../engine/backend.js';
import { OncectlError } from '../engine/errors.js';
import {
  allEvidence,
  type EvidenceParts,
  type EvidenceSource,
  evidenceOf,
  type IslandsEvidence,
} from '../engine/evidence.js';
import type { Ports, QueueDepth } from '../engine/ports.js';
import type { DedupeUpkeep, UpkeepParts } from '../engine/upkeep.js';
import { mainIsland, storeIslandOf } from '../profile/islands.js';
import type { BackendName, EndpointProfile, Profile } from '../profile/types.js';
import { backendsUsed, type IslandPlan, islandPlans } from './backends.js';
import { openers } from './openers.js';
import { unusedStores } from './unused.js';

/** One island, opened. */
export interface OpenedIsland {
  readonly ports: Ports;
  /** null: a backend of it keeps nothing to audit. */
  readonly evidence: EvidenceSource | null;
  /** null: a backend of it cannot be operated on. */
  readonly upkeep: UpkeepParts | null;
  /** Records of what entered, where queue and data are one database; null elsewhere. */
  readonly entered: DedupeUpkeep | null;
  /** Names of the queues that are here. */
  readonly queues: readonly string[];
}

export interface OpenedDeployment {
  /** Of the deployment's own stores, the island `main`. */
  readonly ports: Ports;
  readonly islands: ReadonlyMap<string, OpenedIsland>;
  /** What an endpoint works on: its island's, but for the entries of a bridge that lie on the other side. */
  readonly portsOf: (endpoint: EndpointProfile) => Ports;
  /** Of all islands; null: a backend of them keeps nothing to audit. */
  readonly evidence: IslandsEvidence | null;
  /** Depth of every queue; that of the sink summed up over the islands. */
  readonly depth: () => Promise<ReadonlyMap<string, QueueDepth>>;
  /** Round trips or flushes, and operations, by store. */
  readonly counts: () => Readonly<Record<string, StoreCounts>>;
  /** Bytes on disk of the stores that can tell. */
  readonly storeBytes: () => Promise<number>;
  /** Processor time of database servers on this machine, in seconds; null where none is seen. */
  readonly serverCpuSeconds: () => Promise<number | null>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly profile: Profile;
  /** Folder of an embedded deployment. */
  readonly folder: string;
  readonly worker: string;
  /** Purge what is overdue. */
  readonly maintain: boolean;
}

/**
 * Opens all islands. Rejects with the backend's own error (`format`, `unreachable`, ...); then nothing
 * stays open.
 */
export async function openDeployment(options: OpenOptions): Promise<OpenedDeployment> {
  const { profile, folder } = options;
  const all: OpenedStores[] = [];
  const islands = new Map<string, OpenedIsland>();
  try {
    for (const plan of islandPlans(profile, folder)) {
      const opened = new Map<BackendName, OpenedStores>();
      for (const [name, ports] of backendsUsed(plan)) {
        const stores = await openers[name]({ ...options, plan, ports });
        opened.set(name, stores);
        all.push(stores);
      }
      islands.set(plan.name, together(plan, opened));
    }
  } catch (error) {
    for (const stores of all) await stores.close();
    throw error;
  }
  return deploymentOf(profile, islands, all);
}

function deploymentOf(
  profile: Profile,
  islands: ReadonlyMap<string, OpenedIsland>,
  all: readonly OpenedStores[],
): OpenedDeployment {
  const portsOn = (island: string): Ports => {
    const opened = islands.get(island);
    if (!opened) throw new OncectlError('bug', `the island ${island} was not opened`);
    return opened.ports;
  };
  return {
    ports: portsOn(mainIsland),
    islands,
    portsOf: (endpoint) => ({
      ...portsOn(endpoint.island),
      business: portsOn(storeIslandOf(profile.deployment, endpoint)).business,
    }),
    evidence: evidenceOfAll([...islands.values()]),
    depth: () => depthOf([...islands.values()]),
    counts: () => addUp(all.map(({ counts }) => counts())),
    storeBytes: async () => sum(await Promise.all(all.map((stores) => stores.storeBytes()))),
    serverCpuSeconds: async () => {
      const told = await Promise.all(all.map((stores) => stores.serverCpuSeconds?.() ?? null));
      const seen = told.filter((seconds) => seconds !== null);
      // Islands may share a server: each tells of all its processes.
      return seen.length === 0 ? null : Math.max(...seen);
    },
    close: async () => {
      for (const stores of all) await stores.close();
    },
  };
}

function together(
  { stores, queues, uses }: IslandPlan,
  opened: ReadonlyMap<BackendName, OpenedStores>,
): OpenedIsland {
  const storesOf = (port: PortName): OpenedStores => {
    if (!uses.has(port)) return unusedStores;
    const found = opened.get(stores[port]);
    if (!found) throw new OncectlError('bug', `the backend of the ${port} port was not opened`);
    return found;
  };
  return {
    ports: portsOf(storesOf),
    evidence: evidenceFrom(storesOf),
    upkeep: upkeepFrom(storesOf),
    entered: isOneDatabase(storesOf) ? (storesOf('broker').upkeep.dedupe ?? null) : null,
    queues,
  };
}

function portsOf(storesOf: (port: PortName) => OpenedStores): Ports {
  const portOf = <P extends PortName>(name: P): Ports[P] => {
    const port = storesOf(name).ports[name];
    if (!port) throw new OncectlError('bug', `a backend was opened without its ${name} port`);
    return port;
  };
  const { island } = storesOf('broker').ports;
  return {
    broker: portOf('broker'),
    business: portOf('business'),
    dedupe: portOf('dedupe'),
    payload: portOf('payload'),
    ...(island && isOneDatabase(storesOf) ? { island } : {}),
  };
}

function isOneDatabase(storesOf: (port: PortName) => OpenedStores): boolean {
  const { island } = storesOf('broker').ports;
  return island !== undefined && storesOf('broker') === storesOf('business');
}

function evidenceFrom(storesOf: (port: PortName) => OpenedStores): EvidenceSource | null {
  const found = portNames.map((name) => [name, storesOf(name).evidence[name]] as const);
  if (found.some(([, part]) => part === undefined)) return null;
  return evidenceOf(Object.fromEntries(found) as unknown as EvidenceParts);
}

function upkeepFrom(storesOf: (port: PortName) => OpenedStores): UpkeepParts | null {
  const found = portNames.map((name) => [name, storesOf(name).upkeep[name]] as const);
  if (found.some(([, part]) => part === undefined)) return null;
  return Object.fromEntries(found) as unknown as UpkeepParts;
}

function evidenceOfAll(islands: readonly OpenedIsland[]): IslandsEvidence | null {
  const sources = islands.map(({ evidence }) => evidence).filter((source) => source !== null);
  return sources.length === islands.length ? allEvidence(sources) : null;
}

async function depthOf(islands: readonly OpenedIsland[]): Promise<ReadonlyMap<string, QueueDepth>> {
  const total = new Map<string, QueueDepth>();
  for (const { evidence, queues } of islands) {
    for (const [queue, depth] of (await evidence?.depth(queues)) ?? []) {
      const before = total.get(queue) ?? { visible: 0, inFlight: 0, delayed: 0, dead: 0 };
      total.set(queue, {
        visible: before.visible + depth.visible,
        inFlight: before.inFlight + depth.inFlight,
        delayed: before.delayed + depth.delayed,
        dead: before.dead + depth.dead,
      });
    }
  }
  return total;
}

function addUp(
  counts: readonly Readonly<Record<string, StoreCounts>>[],
): Record<string, StoreCounts> {
  const total: Record<string, StoreCounts> = {};
  for (const [name, { flushes, operations }] of counts.flatMap(Object.entries<StoreCounts>)) {
    const before = total[name] ?? { flushes: 0, operations: 0 };
    total[name] = {
      flushes: before.flushes + flushes,
      operations: before.operations + operations,
    };
  }
  return total;
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
