/** What `oncectl verify` asks: which protocol, on which stores, within which bounds. */
import { protocols } from '../engine/protocols/index.js';
import type { ProtocolName } from '../engine/protocols/names.js';
import { type Explored, explore, type Limits } from './explore.js';
import { type Mutant, scenarioOf } from './mutants/index.js';
import { appending, type Bounds, type Scenario, type StoreModels } from './scenario.js';

export interface VerifyRequest {
  readonly protocol: ProtocolName;
  readonly messages: number;
  readonly bounds: Bounds;
  readonly stores: StoreModels;
}

/** How the messages share entities: with one message there is only the first. */
export type Sharing = 'one entity' | 'an entity each';

export interface Verified extends Explored {
  readonly sharing: Sharing;
}

/**
 * Explores the protocol with all messages on one entity, and with an entity each. Stops at the first
 * violation. `limits.timeMs` is for all of it.
 */
export async function verifyProtocol(request: VerifyRequest, limits: Limits): Promise<Verified[]> {
  const found: Verified[] = [];
  const until = performance.now() + limits.timeMs;
  const all: readonly Sharing[] =
    request.messages === 1 ? ['one entity'] : ['one entity', 'an entity each'];
  for (const sharing of all) {
    const timeMs = Math.max(0, until - performance.now());
    const explored = await explore(scenarioFor(request, sharing), { ...limits, timeMs });
    found.push({ ...explored, sharing });
    if (explored.verdict === 'violated') break;
  }
  return found;
}

/** What the mutant is explored with, to tell beside the verdict. */
export function mutantSubject(mutant: Mutant) {
  const { stores, bounds, entered } = scenarioOf(mutant);
  const isShared = new Set(entered.map(({ endpoint, key }) => `${endpoint}/${key}`)).size === 1;
  const entities: Sharing = isShared ? 'one entity' : 'an entity each';
  const messages = entered.length;
  return { protocol: mutant.of, entities, stores, bounds: { ...bounds, messages } };
}

/** Explores a mutant in the scenario that has to catch it. */
export function verifyMutant(mutant: Mutant, limits: Limits): Promise<Explored> {
  return explore(scenarioOf(mutant), limits);
}

function scenarioFor(
  { protocol, messages, bounds, stores }: VerifyRequest,
  sharing: Sharing,
): Scenario {
  const entered = Array.from({ length: messages }, (_, index) => {
    const id = String.fromCharCode('A'.charCodeAt(0) + index);
    const key = sharing === 'one entity' ? 'k' : `k${index}`;
    return { id, endpoint: 'orders', key, body: id };
  });
  const endpoints = [{ name: 'orders', protocol: protocols[protocol], handler: appending }];
  return { endpoints, entered, stores, bounds, wrongs: {} };
}
