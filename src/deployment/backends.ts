/** What follows from the backends that an island uses. */
import { join } from 'node:path';
import type { PortName } from '../engine/backend.js';
import { backendsOf } from '../profile/backends.js';
import { sink } from '../profile/endpoints.js';
import { islandsOf, leadsTo, mainIsland, storeIslandOf } from '../profile/islands.js';
import type { BackendName, EndpointProfile, Profile, StoresProfile } from '../profile/types.js';

/** One island to be opened or provisioned. */
export interface IslandPlan {
  readonly name: string;
  readonly stores: StoresProfile;
  /** Endpoints whose queue and entities are here. */
  readonly endpoints: readonly EndpointProfile[];
  /** Names of all queues: of the endpoints, and of the sink where somebody sends to it here. */
  readonly queues: readonly string[];
  /** Some program that has its entries here keeps them, dispatched, for as long as a copy may be late. */
  readonly keepsDispatched: boolean;
  /** Ports that some protocol here uses. */
  readonly uses: ReadonlySet<PortName>;
  /** Where its embedded stores lie. */
  readonly folder: string;
}

/** Where a deployment has what of it is embedded, unless it is one of a bench. */
export function deploymentFolder({ deployment }: Profile, cwd: string): string {
  return join(cwd, '.oncectl', deployment.namespace);
}

/** Every island of a profile. `folder` is that of the deployment's own embedded stores. */
export function islandPlans({ deployment }: Profile, folder: string): readonly IslandPlan[] {
  return [...islandsOf(deployment)].map(([name, stores]) => {
    const endpoints = deployment.endpoints.filter(({ island }) => island === name);
    const takesSink = deployment.endpoints.some(
      (endpoint) => leadsTo(endpoint) === name && endpoint.sendsTo.includes(sink),
    );
    const keepsDispatched = deployment.endpoints.some(
      (endpoint) =>
        storeIslandOf(deployment, endpoint) === name &&
        (endpoint.bridge !== null || endpoint.protocol === 'outbox'),
    );
    const queues = [...endpoints.map((endpoint) => endpoint.name), ...(takesSink ? [sink] : [])];
    const own = name === mainIsland ? folder : join(folder, `island-${name}`);
    const uses = portsUsedBy(endpoints);
    return { name, stores, endpoints, queues, keepsDispatched, uses, folder: own };
  });
}

function portsUsedBy(endpoints: readonly EndpointProfile[]): ReadonlySet<PortName> {
  const programs = endpoints.filter(({ bridge }) => !bridge).map(({ protocol }) => protocol);
  return new Set<PortName>([
    'broker',
    'business',
    ...(programs.includes('dedupe-store') ? (['dedupe'] as const) : []),
    ...(programs.some((protocol) => byTokens.has(protocol)) ? (['payload'] as const) : []),
  ]);
}

/** Each backend of an island with the ports that it is used for. */
export function backendsUsed({
  stores,
  uses,
}: IslandPlan): ReadonlyMap<BackendName, readonly PortName[]> {
  const all = [...backendsOf(stores)];
  const used = all.map(([name, ports]) => [name, ports.filter((port) => uses.has(port))] as const);
  return new Map(used.filter(([, ports]) => ports.length > 0));
}

/**
 * How an embedded island lies on disk: queue and data in one environment when some endpoint takes,
 * saves and sends in one transaction.
 */
export function layoutOf({ endpoints }: Pick<IslandPlan, 'endpoints'>): 'island' | 'separate' {
  const isIsland = endpoints.some(({ protocol, bridge }) => {
    return protocol === 'local-transaction' && !bridge;
  });
  return isIsland ? 'island' : 'separate';
}

/** The schema of an island's tables in PostgreSQL, whose names take no `-` unquoted. */
export function schemaOf({ namespace }: StoresProfile): string {
  return `oncectl_${namespace.replaceAll('-', '_')}`;
}

/** SQS counts approximately, and a message can be in none of its counts for a while. */
const sqsSettlesMs = 3000;

/** How long all queues must look empty before they are taken to be, ms. */
export function depthSettlesMs({ deployment }: Profile): number {
  const brokers = [...islandsOf(deployment).values()].map(({ broker }) => broker);
  return brokers.includes('sqs') ? sqsSettlesMs : 0;
}

const kibibyte = 1024;
const largestBodies: Readonly<Record<BackendName, number>> = {
  embedded: 8 * kibibyte ** 2,
  postgres: 8 * kibibyte ** 2,
  // A message has 1 MiB on the wire, a third of which base64 and attributes may take.
  sqs: 700 * kibibyte,
  s3: 8 * kibibyte ** 2,
  // An item has 400 KB, in which an entry shares the room with its entity.
  dynamodb: 256 * kibibyte,
  noop: 8 * kibibyte ** 2,
};

const byTokens: ReadonlySet<string> = new Set(['token', 'register-commit-publish']);

/**
 * Largest body that a handler of an endpoint may send, in bytes: every store on its way has to carry
 * it. With tokens the broker carries none, but the entry holds it until it is checked.
 */
export function largestBody(
  { protocol, bridge }: EndpointProfile,
  here: StoresProfile,
  there: StoresProfile,
): number {
  const isToken = bridge ? bridge.by === 'token' : byTokens.has(protocol);
  const on = [here.business, isToken ? there.payload : there.broker];
  return Math.min(...on.map((name) => largestBodies[name]));
}
