/** What stands behind a service: an embedded deployment of its own, or one that a profile describes. */
import { openEmbedded } from '../backends/embedded/index.js';
import { deploymentFolder } from '../deployment/backends.js';
import { hostedEndpoints, protocolAt } from '../deployment/host.js';
import { openDeployment } from '../deployment/open.js';
import { Cells } from '../engine/control/cells.js';
import { Entrance } from '../engine/enter.js';
import { OncectlError } from '../engine/errors.js';
import type { EndpointDefinition } from '../engine/handler.js';
import { IdSource } from '../engine/ids.js';
import type { Message } from '../engine/message.js';
import type { Ports, QueueDepth } from '../engine/ports.js';
import { protocols } from '../engine/protocols/index.js';
import type { HostedEndpoint, RuntimeOptions } from '../engine/runtime/runtime.js';
import { loadProfile } from '../profile/load.js';
import type { EndpointProfile, Profile } from '../profile/types.js';
import type { EmbeddedServiceOptions, ProfileServiceOptions } from './options.js';

/** Opened stores, and how to get at them by an endpoint's name. */
export interface Backing {
  /** Names that a message may be sent to. */
  readonly names: readonly string[];
  readonly hosted: readonly HostedEndpoint[];
  readonly settings: Pick<
    RuntimeOptions,
    'visibilityMs' | 'retentionMs' | 'maxAttempts' | 'backoffMs'
  >;
  readonly control: Cells;
  enter(message: Message): Promise<void>;
  portsOf(endpoint: string): Ports;
  depths(): Promise<readonly QueueDepth[]>;
  close(): Promise<void>;
}

const day = 24 * 3600 * 1000;
const maxBodyBytes = 8 * 1024 * 1024;
const usualBackoffMs = 200;

/** Opens an embedded deployment. Errors: the backend's own. */
export async function embeddedBacking(
  options: EmbeddedServiceOptions,
  worker: string,
): Promise<Backing> {
  const names = options.endpoints.map(({ name }) => name);
  const protocol = protocols[options.protocol ?? 'outbox'];
  const retentionMs = options.retentionMs ?? 7 * day;
  const { ports, close } = await openEmbedded({
    folder: options.folder,
    worker,
    layout: protocol.recognisesBy === 'transaction' ? 'island' : 'separate',
    retentionMs,
    maintain: true,
  });
  const ids = new IdSource();
  const entrance = new Entrance(ports, () => ids.next());
  const limits = { sendsTo: null, mayName: new Set(names), maxBodyBytes };
  const concurrency = options.concurrency ?? 64;
  return {
    names,
    hosted: options.endpoints.map((definition) => ({
      ...{ definition, protocol, ports, limits, concurrency },
    })),
    settings: {
      visibilityMs: options.visibilityMs ?? 30_000,
      retentionMs,
      maxAttempts: options.maxAttempts ?? 5,
      backoffMs: usualBackoffMs,
    },
    control: new Cells(ports.business),
    enter: (message) => entrance.enter(protocol, message),
    portsOf: () => ports,
    depths: () => Promise.all(names.map((name) => ports.broker.depth(name))),
    close,
  };
}

/** Opens the deployment of a profile. Errors: `profile`, `usage` for an endpoint it does not have. */
export async function profileBacking(
  options: ProfileServiceOptions,
  worker: string,
): Promise<Backing> {
  const { profile } = await loadProfile(options.profile, { set: options.set ?? [] });
  const all = profile.deployment.endpoints;
  checkKnown(options.endpoints, all, options.profile);
  const folder = deploymentFolder(profile, process.cwd());
  const opened = await openDeployment({ profile, folder, worker, maintain: true });
  const byName = new Map(all.map((endpoint) => [endpoint.name, endpoint]));
  const ids = new IdSource();
  const entrances = new Map(
    [...opened.islands].map(([name, { ports }]) => [name, new Entrance(ports, () => ids.next())]),
  );
  const profileOf = (name: string): EndpointProfile => {
    const found = byName.get(name);
    if (!found) throw new OncectlError('usage', `there is no endpoint "${name}"`);
    return found;
  };
  const { visibilityMs, retentionMs, maxAttempts, backoffMs } = profile.deployment;
  return {
    names: [...byName.keys()],
    hosted: hostedHere(profile, opened, options.endpoints),
    settings: { visibilityMs, retentionMs, maxAttempts, backoffMs },
    control: new Cells(opened.ports.business),
    enter: async (message) => {
      const receiver = profileOf(message.endpoint);
      await entrances.get(receiver.island)?.enter(protocolAt(receiver), message);
    },
    portsOf: (name) => opened.portsOf(profileOf(name)),
    depths: async () => [...(await opened.depth()).values()],
    close: () => opened.close(),
  };
}

function hostedHere(
  profile: Profile,
  opened: Parameters<typeof hostedEndpoints>[1],
  definitions: readonly EndpointDefinition[],
): readonly HostedEndpoint[] {
  const here = new Map(definitions.map((definition) => [definition.name, definition]));
  const all = profile.deployment.endpoints.map(({ name }) => here.get(name) ?? nobody(name));
  return hostedEndpoints(profile, opened, all).filter(({ definition: { name } }) => here.has(name));
}

/** Stands for an endpoint that another process handles. */
function nobody(name: string): EndpointDefinition {
  return { name, handlers: {} };
}

function checkKnown(
  definitions: readonly EndpointDefinition[],
  known: readonly EndpointProfile[],
  file: string,
): void {
  const names = known.map(({ name }) => name);
  const unknown = definitions.find(({ name }) => !names.includes(name));
  if (!unknown) return;
  throw new OncectlError('usage', `the profile has no endpoint "${unknown.name}"`, {
    about: file,
    hint: `it has: ${names.join(', ')}`,
  });
}
