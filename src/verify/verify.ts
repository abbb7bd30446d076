/** What `oncectl verify` asks: which protocol, on which stores, within which bounds. */
import { OncectlError } from '../engine/errors.js';
import type { ProtocolName } from '../engine/protocols/names.js';
import { type Explored, explore, type Limits } from './explore.js';
import type { Mutant } from './mutants/index.js';
import { mustOccur } from './reach.js';
import type { Bounds, StoreModels } from './scenario.js';
import { mutantSubject, type Sharing, type Subject, scenarioFor } from './trace-file.js';
import { walks } from './walk.js';

export interface VerifyRequest {
  readonly protocol: ProtocolName;
  /** The protocol of an endpoint in front of it; left out: the messages come from outside. */
  readonly producer?: ProtocolName | null;
  readonly messages: number;
  readonly bounds: Bounds;
  readonly stores: StoreModels;
}

export interface Verified extends Explored {
  readonly subject: Subject;
  /** The walks that lead there again; null: it was no walk. */
  readonly sampled: Walks | null;
}

/** Samples what cannot be exhausted. */
export interface Walks {
  readonly seed: number;
  readonly count: number;
}

/**
 * Explores the protocol with all messages on one entity, and with an entity each; with `sampled` by
 * random walks instead. Stops at the first violation. `limits.timeMs` is for all of it.
 */
export async function verifyProtocol(
  request: VerifyRequest,
  limits: Limits,
  sampled?: Walks,
): Promise<Verified[]> {
  const found: Verified[] = [];
  const until = performance.now() + limits.timeMs;
  const all: readonly Sharing[] =
    request.messages === 1 ? ['one entity'] : ['one entity', 'an entity each'];
  for (const entities of all) {
    const subject = { ...request, mutant: null, producer: request.producer ?? null, entities };
    const left = { ...limits, timeMs: Math.max(0, until - performance.now()) };
    const verified = await verifySubject(subject, left, sampled);
    found.push(verified);
    if (verified.verdict === 'violated') break;
  }
  return found;
}

/** Explores a mutant in the scenario that has to catch it. */
export function verifyMutant(mutant: Mutant, limits: Limits, sampled?: Walks): Promise<Verified> {
  return verifySubject(mutantSubject(mutant), limits, sampled);
}

async function verifySubject(subject: Subject, limits: Limits, sampled?: Walks): Promise<Verified> {
  const scenario = scenarioFor(subject);
  if (!sampled) {
    const explored = await explore(scenario, limits);
    const missing = mustOccur(subject).filter((name) => !explored.occurred.has(name));
    if (explored.verdict === 'holds' && missing.length > 0) {
      const what = `${subject.protocol} holds in a model in which this never happened: ${missing.join(', ')}`;
      throw new OncectlError('bug', what, { about: 'the verifier' });
    }
    return { ...explored, subject, sampled: null };
  }
  const walked = await walks(scenario, sampled, limits);
  const last = sampled.seed + walked.rests - 1;
  return { ...walked, subject, sampled: walked.found ? { seed: last, count: 1 } : sampled };
}
