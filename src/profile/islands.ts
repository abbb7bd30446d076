/** Islands: sets of stores that endpoints share, and the bridges that lead from one to another. */
import type { BridgeTo } from '../engine/protocols/bridge.js';
import { protocols } from '../engine/protocols/index.js';
import { boundaries, bridgeBoundaries } from '../engine/protocols/steps.js';
import type { DeploymentProfile, EndpointProfile, StoresProfile } from './types.js';

/** The deployment's own stores. */
export const mainIsland = 'main';

/** Every island by its name, the deployment's own stores first. */
export function islandsOf(deployment: DeploymentProfile): ReadonlyMap<string, StoresProfile> {
  // The profile in a result of an earlier version has no islands.
  const further = (deployment.islands ?? []).map((island) => [island.name, island] as const);
  return new Map<string, StoresProfile>([[mainIsland, deployment], ...further]);
}

/** The island that an endpoint's messages go to: another one than its own only for a bridge. */
export function leadsTo({ island, bridge }: Pick<EndpointProfile, 'island' | 'bridge'>): string {
  return bridge?.to ?? island;
}

/**
 * The island that holds an endpoint's entities and entries. A bridge has them where it stands, unless
 * entries lie inside one object with the entity there, so that dispatched ones cannot be kept.
 */
export function storeIslandOf(deployment: DeploymentProfile, endpoint: EndpointProfile): string {
  const here = islandsOf(deployment).get(endpoint.island);
  return endpoint.bridge && here?.business === 's3' ? endpoint.bridge.to : endpoint.island;
}

/** Boundaries of the program that an endpoint runs. */
export function boundariesAt({ protocol, bridge }: EndpointProfile): readonly string[] {
  return bridge ? bridgeBoundaries(bridge.by) : boundaries(protocol);
}

/** How the receivers of a bridge recognise a duplicate; `null` when they do not all do it one way. */
export function bridgedBy(
  receivers: readonly Pick<EndpointProfile, 'protocol' | 'bridge'>[],
): BridgeTo | null {
  const ways = new Set(receivers.map(({ bridge, protocol }) => waysOf(bridge !== null, protocol)));
  const [way = 'id'] = ways;
  return ways.size <= 1 && way !== 'nothing' ? way : null;
}

function waysOf(isBridge: boolean, protocol: EndpointProfile['protocol']) {
  return isBridge ? 'id' : protocols[protocol].recognisesBy;
}
