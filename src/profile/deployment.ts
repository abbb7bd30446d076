/** Resolves `deployment`: which backend holds each port, and whether protocols and stores go together. */
import { type PortName, portNames } from '../engine/backend.js';
import { resolveEndpoints } from './endpoints.js';
import { amount, type Findings } from './findings.js';
import { islandsOf, leadsTo } from './islands.js';
import { resolveOutboxes } from './outboxes.js';
import type { RawDeployment, RawIsland } from './raw.js';
import type {
  BackendName,
  BackendSetName,
  DeploymentProfile,
  EndpointProfile,
  IslandProfile,
  StoresProfile,
} from './types.js';

type Stores = Readonly<Record<PortName, BackendName>>;

const everywhere = (name: BackendName): Stores => ({
  broker: name,
  business: name,
  dedupe: name,
  payload: name,
});

const backendSets: Readonly<Record<BackendSetName, Stores>> = {
  embedded: everywhere('embedded'),
  postgres: everywhere('postgres'),
  'sqs-s3': { ...everywhere('s3'), broker: 'sqs' },
  'sqs-dynamodb': { ...everywhere('dynamodb'), broker: 'sqs', payload: 's3' },
  noop: everywhere('noop'),
};

/** Backends that keep queue and data in one database, with transactions over both. */
const islandBackends: ReadonlySet<BackendName> = new Set(['embedded', 'postgres']);

const longestNamespace = 40;
const second = 1000;

/** Where a profile comes from, and what it is called. */
export interface Origin {
  /** Absolute path. */
  readonly file: string;
  readonly name: string;
}

export function resolveDeployment(
  raw: RawDeployment,
  { file, name }: Origin,
  findings: Findings,
): DeploymentProfile {
  const own = ownStores(raw, raw.namespace ?? namespaceOf(name));
  const endpoints = resolveEndpoints(raw, file, findings);
  const deployment: DeploymentProfile = {
    protocol: raw.protocol,
    ...own,
    islands: raw.islands.map((island) => islandOf(island, own)),
    control: raw.control,
    protect: raw.protect,
    endpoints,
    outboxes: resolveOutboxes(raw.outboxes, endpoints, findings),
    visibilityMs: amount('duration', raw.visibility),
    retentionMs: amount('duration', raw.retention),
    maxAttempts: raw.maxAttempts,
    backoffMs: amount('duration', raw.backoff),
  };
  checkProtocols(deployment, findings);
  checkNoop(deployment, findings);
  checkVisibility(deployment, findings);
  checkRetention(deployment, findings);
  return deployment;
}

function ownStores(raw: RawDeployment, namespace: string): StoresProfile {
  const { embedded, postgres } = raw;
  return {
    ...storesOf(raw),
    namespace,
    embedded: {
      gatherMs: amount('duration', embedded.gather),
      mapSizeBytes: amount('size', embedded.mapSize),
    },
    postgres: {
      url: postgres.url ?? null,
      connections: postgres.connections,
      gatherMs: amount('duration', postgres.gather),
    },
    aws: awsOf(raw.aws),
    s3: raw.s3,
  };
}

/** What an island does not say of itself is as in the deployment. */
function islandOf(raw: RawIsland, own: StoresProfile): IslandProfile {
  const { name, postgres, aws, s3 } = raw;
  return {
    ...own,
    ...storesOf(raw),
    name,
    namespace: namespaceIn(own.namespace, name),
    postgres: { ...own.postgres, url: postgres.url ?? own.postgres.url },
    aws: Object.keys(aws).length === 0 ? own.aws : awsOf(aws),
    s3: { bucket: s3.bucket ?? own.s3.bucket },
  };
}

/** Further islands are named after the deployment, so that they never meet another one's. */
export function namespaceIn(namespace: string, island: string): string {
  const head = namespace.slice(0, longestNamespace - island.length - 1).replace(/-+$/, '');
  return `${head}-${island}`;
}

function storesOf(raw: RawDeployment | RawIsland): Stores {
  const named = portNames.flatMap((port) => (raw[port] ? [[port, raw[port]] as const] : []));
  return { ...backendSets[raw.backend], ...Object.fromEntries(named) };
}

function awsOf({ region, endpoint, profile }: RawDeployment['aws']): StoresProfile['aws'] {
  return { region: region ?? null, endpoint: endpoint ?? null, profile: profile ?? null };
}

/** A name that every store takes: small letters, digits and `-`. */
function namespaceOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const named = /^[a-z]/.test(plain) ? plain : `n-${plain}`;
  return named.slice(0, longestNamespace).replace(/-+$/, '');
}

function checkProtocols(deployment: DeploymentProfile, findings: Findings): void {
  const islands = islandsOf(deployment);
  for (const [index, endpoint] of deployment.endpoints.entries()) {
    const { protocol, bridge } = endpoint;
    const own = ['deployment', 'endpoints', index, bridge ? 'bridgeTo' : 'protocol'];
    const isGiven = !bridge && deployment.protocol === protocol;
    const problem = storesProblem(endpoint, islands);
    if (problem !== null) findings.refuse(isGiven ? ['deployment', 'protocol'] : own, problem);
  }
}

/** Why the stores around an endpoint cannot carry its program; null when they can. */
function storesProblem(
  endpoint: EndpointProfile,
  islands: ReadonlyMap<string, StoresProfile>,
): string | null {
  const stores = islands.get(endpoint.island);
  if (!stores) return null;
  if (endpoint.bridge) return bridgeProblem(endpoint, stores, islands.get(leadsTo(endpoint)));
  const { broker, business } = stores;
  if (endpoint.protocol === 'local-transaction' && !isOneDatabase(stores)) {
    const which = broker === business ? `${broker} has no transactions` : `${broker}, ${business}`;
    return `local-transaction needs queue and data in one database, and broker and business are not (${which})`;
  }
  if (endpoint.protocol === 'outbox' && business === 's3') {
    return 'outbox keeps dispatched entries, and on s3 they would lie inside the entity; use dedupe-store';
  }
  return null;
}

/** A bridge keeps dispatched entries, on whichever side can. */
function bridgeProblem(
  { bridge }: EndpointProfile,
  here: StoresProfile,
  there: StoresProfile | undefined,
): string | null {
  if (!there) return null;
  if (bridge?.by === 'transaction' && !isOneDatabase(there)) {
    return 'leads to local-transaction, whose queue and data have to be in one database';
  }
  if (here.business !== 's3' || there.business !== 's3') return null;
  return 'a bridge keeps dispatched entries, and both sides have their entities on s3';
}

function isOneDatabase({ broker, business }: StoresProfile): boolean {
  return broker === business && islandBackends.has(broker);
}

/** A store that keeps nothing beside one that does would lose every message. */
function checkNoop(deployment: DeploymentProfile, findings: Findings): void {
  if (!findings.clean) return;
  const kept = portNames.filter((port) => deployment[port] !== 'noop');
  if (kept.length === 0 || kept.length === portNames.length) return;
  const port = portNames.find((name) => deployment[name] === 'noop') ?? 'broker';
  findings.refuse(['deployment', port], 'noop is for all four stores or for none');
}

function checkVisibility(deployment: DeploymentProfile, findings: Findings): void {
  const brokers = [...islandsOf(deployment).values()].map(({ broker }) => broker);
  if (!brokers.includes('sqs') || deployment.visibilityMs % second === 0) return;
  findings.refuse(['deployment', 'visibility'], 'SQS counts whole seconds: 1s, 30s');
}

function checkRetention(deployment: DeploymentProfile, findings: Findings): void {
  if (deployment.retentionMs > deployment.visibilityMs) return;
  const message = 'is not longer than the visibility: a redelivered message would be handled again';
  findings.warn(['deployment', 'retention'], message);
}
