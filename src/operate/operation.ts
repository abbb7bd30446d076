/**
 * A deployment, opened to be looked at and repaired. Opening it changes nothing; whatever writes asks
 * `permit` first, below the commands, so that no command can forget it.
 */
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { deployStatus } from '../deployment/deploy.js';
import { hostedEndpoints, protocolAt } from '../deployment/host.js';
import { type OpenedDeployment, type OpenedIsland, openDeployment } from '../deployment/open.js';
import { Cells } from '../engine/control/cells.js';
import { CellLog } from '../engine/control/log.js';
import { OncectlError } from '../engine/errors.js';
import type { Ports } from '../engine/ports.js';
import type { Protocol } from '../engine/protocols/index.js';
import type { Onward } from '../engine/runtime/interpreter.js';
import type { BrokerUpkeep, UpkeepParts } from '../engine/upkeep.js';
import { sink } from '../profile/endpoints.js';
import { leadsTo, storeIslandOf } from '../profile/islands.js';
import { didYouMean } from '../profile/nearest.js';
import type { EndpointProfile, Profile } from '../profile/types.js';
import { type Actor, actorText } from './actor.js';
import { OperatorEvidence } from './evidence.js';
import { type OpenedForeign, openForeign } from './foreign/open.js';
import { Journal } from './journal.js';
import type { LogEntry } from './log-entry.js';

export interface OperationOptions {
  readonly profile: Profile;
  /** Folder of what of it is embedded. */
  readonly folder: string;
  readonly actor: Actor;
  /** Nothing may be written, whatever is asked for. */
  readonly readOnly: boolean;
  /** No worker is left, whoever still has a lease: the deployment is of a bench that is over. */
  readonly workersGone: boolean;
  /** Folder of a run's evidence; null: the deployment is of no run. */
  readonly evidenceFolder: string | null;
}

/** An endpoint with everything that looking at it or repairing it takes. */
export interface OperatedEndpoint {
  readonly name: string;
  readonly profile: EndpointProfile;
  readonly protocol: Protocol;
  readonly ports: Ports;
  /** Where its outgoing messages go. */
  readonly onward: Onward;
  readonly upkeep: UpkeepParts;
}

/** Why somebody writes: kept in the log. */
export interface Intent {
  /** `outbox.repair`, `endpoint.pause`: the command with dots. */
  readonly action: string;
  readonly reason: string | null;
}

export interface Operation {
  readonly profile: Profile;
  readonly deployment: OpenedDeployment;
  /** Its namespace, and what tells it from another of the same name. */
  readonly name: string;
  readonly fingerprint: string;
  readonly actor: Actor;
  /** Folder of the evidence that an audit judges; null: the deployment is of no run. */
  readonly evidenceFolder: string | null;
  /** What operators add to the run's evidence; null: nothing is audited. */
  readonly evidence: OperatorEvidence | null;
  /** Commit records of the run; null: the deployment is of no run. */
  readonly journal: Journal | null;
  /** Leases of this worker mean nothing any more. */
  isGone(worker: string | null): boolean;
  readonly endpoints: readonly OperatedEndpoint[];
  /** Brokers with the queues that lie in them, the sink's included. */
  readonly queues: readonly { readonly broker: BrokerUpkeep; readonly names: readonly string[] }[];
  /** Outboxes of other libraries; each connects when it is first asked. */
  readonly foreign: readonly OpenedForeign[];
  readonly cells: Cells;
  readonly log: CellLog<LogEntry>;
  /** By its name; rejects with `usage` for one that the deployment does not have. */
  endpoint(name: string): OperatedEndpoint;
  /** Refuses (kind `refused`) what may not be written here. */
  permit(intent: Intent): void;
  close(): Promise<void>;
}

/**
 * Errors: the backends' own; `not-found` when the deployment is not there, so that looking at it never
 * makes one; `refused` for a backend that cannot be operated on.
 */
export async function openOperation(options: OperationOptions): Promise<Operation> {
  const { profile, folder, actor } = options;
  await refuseWhatIsNotThere(options);
  const worker = `operator ${actorText(actor)}`;
  const deployment = await openDeployment({ profile, folder, worker, maintain: false });
  try {
    return operationOf(options, deployment);
  } catch (error) {
    await deployment.close();
    throw error;
  }
}

function operationOf(options: OperationOptions, deployment: OpenedDeployment): Operation {
  const { profile, actor } = options;
  const cells = new Cells(deployment.ports.business);
  const foreign = openForeign(profile);
  const endpoints = endpointsOf(profile, deployment);
  const byName = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
  return {
    profile,
    deployment,
    name: profile.deployment.namespace,
    fingerprint: fingerprintOf(profile),
    actor,
    evidenceFolder: options.evidenceFolder,
    evidence: evidenceIn(options.evidenceFolder),
    journal: options.evidenceFolder === null ? null : new Journal(options.evidenceFolder),
    isGone: () => options.workersGone,
    endpoints,
    queues: [...deployment.islands.values()].map((island) => ({
      broker: upkeepOf(island.upkeep).broker,
      names: island.queues,
    })),
    foreign,
    cells,
    log: new CellLog<LogEntry>(cells, 'log'),
    endpoint: (name) => {
      const found = byName.get(name);
      if (found) return found;
      const names = [...byName.keys()];
      throw new OncectlError(
        'usage',
        name === sink
          ? '"sink" is what stands behind the last hop: nothing is handled there'
          : `there is no endpoint "${name}"${didYouMean(name, names)}`,
        { about: '--endpoint', hint: `there are: ${names.join(', ')}` },
      );
    },
    permit: ({ action, reason }) => {
      if (options.readOnly) {
        throw new OncectlError('refused', `${action} would write, and this is read-only`, {
          about: profile.deployment.namespace,
          hint: 'leave out --read-only, or unset ONCECTL_READ_ONLY',
        });
      }
      if (profile.deployment.protect && reason === null) {
        throw new OncectlError('refused', `${action}: this deployment is protected`, {
          about: profile.deployment.namespace,
          hint: 'say why with --reason TEXT; it is kept in the log',
        });
      }
    },
    close: async () => {
      await Promise.all(foreign.map(({ outbox }) => outbox.close()));
      await deployment.close();
    },
  };
}

/** A run without an audit has no such folder. */
function evidenceIn(folder: string | null): OperatorEvidence | null {
  return folder !== null && existsSync(folder) ? new OperatorEvidence(folder) : null;
}

function endpointsOf(profile: Profile, deployment: OpenedDeployment): readonly OperatedEndpoint[] {
  const nobody = profile.deployment.endpoints.map(({ name }) => ({ name, handlers: {} }));
  const hosted = hostedEndpoints(profile, deployment, nobody);
  return profile.deployment.endpoints.map((endpoint, index) => {
    const host = hosted[index];
    const here = deployment.islands.get(endpoint.island);
    const stores = deployment.islands.get(storeIslandOf(profile.deployment, endpoint));
    const there = deployment.islands.get(leadsTo(endpoint));
    if (!host || !here || !stores || !there) {
      throw new OncectlError('bug', `${endpoint.name} has no stores`);
    }
    return {
      name: endpoint.name,
      profile: endpoint,
      protocol: protocolAt(endpoint),
      ports: host.ports,
      onward: there.ports,
      upkeep: upkeepAt(endpoint, here, stores),
    };
  });
}

/** What a local transaction remembers are the ids that entered, in the database of its queue. */
function upkeepAt(
  endpoint: EndpointProfile,
  here: OpenedIsland,
  stores: OpenedIsland,
): UpkeepParts {
  const upkeep = { ...upkeepOf(here.upkeep), business: upkeepOf(stores.upkeep).business };
  const isByTransaction = protocolAt(endpoint).recognisesBy === 'transaction';
  return isByTransaction && here.entered ? { ...upkeep, dedupe: here.entered } : upkeep;
}

function upkeepOf(upkeep: UpkeepParts | null): UpkeepParts {
  if (upkeep) return upkeep;
  throw new OncectlError('refused', 'this backend keeps nothing that could be looked at');
}

/** Opening an embedded deployment would make it. */
async function refuseWhatIsNotThere({ profile, folder }: OperationOptions): Promise<void> {
  const resources = await deployStatus({ profile, folder });
  const missing = resources.filter(({ state }) => state === 'missing');
  const [first] = missing;
  if (!first) return;
  throw new OncectlError('not-found', `the ${first.kind} ${first.name} does not exist`, {
    about: `deployment ${profile.deployment.namespace}`,
    hint: 'a bench removes the stores of a clean run (--keep keeps them); -p names another deployment',
  });
}

/**
 * Two profiles with one fingerprint are about one deployment and run one set of programs: stores, names,
 * protocols, who sends to whom. Load, faults and timing are not part of it.
 */
function fingerprintOf({ deployment }: Profile): string {
  const { visibilityMs, retentionMs, maxAttempts, backoffMs, protect, ...what } = deployment;
  const endpoints = what.endpoints.map(({ failing, concurrency, handlers, ...rest }) => rest);
  return hash('sha256', JSON.stringify({ ...what, endpoints }), 'hex').slice(0, 16);
}
