/** Endpoints of a profile as the runtime takes them: definition, program, stores, limits. */
import { pathToFileURL } from 'node:url';
import { OncectlError } from '../engine/errors.js';
import type { EndpointDefinition } from '../engine/handler.js';
import type { Ports } from '../engine/ports.js';
import { bridge, type Protocol, protocols } from '../engine/protocols/index.js';
import type { HostedEndpoint } from '../engine/runtime/runtime.js';
import { sink } from '../profile/endpoints.js';
import { islandsOf, leadsTo } from '../profile/islands.js';
import type { EndpointProfile, Profile } from '../profile/types.js';
import { largestBody } from './backends.js';
import type { OpenedDeployment } from './open.js';

/** The program that an endpoint runs. */
export function protocolAt(endpoint: Pick<EndpointProfile, 'protocol' | 'bridge'>): Protocol {
  return endpoint.bridge ? bridge(endpoint.bridge.by) : protocols[endpoint.protocol];
}

/**
 * The endpoints' definitions, in their order: the user's own, from the files that the profile names,
 * or `byDefault`. Errors: `profile` for a file that cannot be loaded or has no such export.
 */
export function definitionsOf(
  { deployment }: Profile,
  byDefault: (endpoint: EndpointProfile) => EndpointDefinition,
): Promise<readonly EndpointDefinition[]> {
  const definition = (endpoint: EndpointProfile) =>
    endpoint.handlers ? load(endpoint.name, endpoint.handlers) : byDefault(endpoint);
  return Promise.all(deployment.endpoints.map(definition));
}

async function load(
  endpoint: string,
  { file, export: name }: NonNullable<EndpointProfile['handlers']>,
): Promise<EndpointDefinition> {
  const about = `${file}#${name}`;
  const module = (await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw new OncectlError('profile', `the handlers cannot be loaded: ${String(cause)}`, { about });
  })) as Readonly<Record<string, unknown>>;
  const found = module[name] as Partial<EndpointDefinition> | undefined;
  const handlers = (found?.handlers ?? found) as EndpointDefinition['handlers'] | undefined;
  if (handlers && typeof handlers === 'object') return { name: endpoint, handlers };
  throw new OncectlError('profile', `there is no endpoint or handler table "${name}" in it`, {
    about,
  });
}

/** `around` is put around the stores of each island: a meter, faults. */
export function hostedEndpoints(
  { deployment }: Profile,
  opened: OpenedDeployment,
  definitions: readonly EndpointDefinition[],
  around: (ports: Ports) => Ports = (ports) => ports,
): readonly HostedEndpoint[] {
  const names = new Set([...deployment.endpoints.map(({ name }) => name), sink]);
  const islands = islandsOf(deployment);
  const wrapped = new Map([...opened.islands].map(([name, { ports }]) => [name, around(ports)]));
  return deployment.endpoints.map((endpoint, index) => {
    const [here, there] = [islands.get(endpoint.island), islands.get(leadsTo(endpoint))];
    const onward = wrapped.get(leadsTo(endpoint));
    const definition = definitions[index];
    if (!definition || !here || !there || !onward) {
      throw new OncectlError('bug', `${endpoint.name} has no definition or no stores`);
    }
    return {
      definition,
      protocol: protocolAt(endpoint),
      ports: around(opened.portsOf(endpoint)),
      ...(endpoint.bridge ? { onward } : {}),
      limits: {
        sendsTo: endpoint.sendsTo,
        mayName: names,
        maxBodyBytes: largestBody(endpoint, here, there),
      },
      concurrency: endpoint.concurrency,
    };
  });
}
