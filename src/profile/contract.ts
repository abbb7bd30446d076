/**
 * When can two endpoints communicate? A consumer must recognise every duplicate that its producer
 * may emit, and the producer must supply what the consumer needs to accept (design, section 5).
 */
import { OncectlError } from '../engine/errors.js';
import type { ProtocolName } from '../engine/protocols/names.js';
import { leadsTo, mainIsland } from './islands.js';
import type { DeploymentProfile, EndpointProfile, Profile } from './types.js';

/** How a protocol looks to the endpoint it sends to. */
export type ProducerFamily =
  | 'load generator'
  | 'none'
  | 'id-based'
  | 'token-based'
  | 'local-transaction, same database'
  | 'local-transaction, other database';

/** How a protocol looks to the endpoint that sends to it. */
export type ConsumerFamily = 'id-based' | 'token-based' | 'local-transaction' | 'none';

/** `doubles` is allowed where the profile says `control: true`; `dropped` and `bridge` never. */
export type Verdict = 'ok' | 'doubles' | 'dropped' | 'bridge';

export interface ContractCell {
  readonly verdict: Verdict;
  /** Why, as the predicate of a sentence about producer and consumer. */
  readonly reason: string;
}

const noStableId = 'a retried send gets a new id, so the consumer cannot know the copy';
const noToken = 'no payload is put before the send: the consumer takes every message for consumed';
const noDedupe = 'the consumer recognises no duplicate and applies it again';
const otherDatabase =
  'the send is not part of a transaction of the consumer, so a crash in between loses or doubles';
const otherQueue = 'it takes messages from the queues of another island';
const alone: ContractCell = { verdict: 'doubles', reason: noDedupe };
const dropped: ContractCell = { verdict: 'dropped', reason: noToken };
const doubled: ContractCell = { verdict: 'doubles', reason: noStableId };
const bridged: ContractCell = { verdict: 'bridge', reason: otherDatabase };
const retained = cell('every copy has the same id, as long as retention outlasts lateness');

function cell(reason: string): ContractCell {
  return { verdict: 'ok', reason };
}

type Table = Readonly<Record<ProducerFamily, Readonly<Record<ConsumerFamily, ContractCell>>>>;

/** The contract table, a row for each producer. */
export const contractTable: Table = {
  'load generator': {
    'id-based': cell('the id has the run in it and is the same on every retry'),
    'token-based': cell('the payload is put before the send, anew for every try, under one id'),
    'local-transaction': cell('messages enter through the entry record'),
    none: alone,
  },
  none: { 'id-based': doubled, 'token-based': dropped, 'local-transaction': doubled, none: alone },
  'id-based': {
    'id-based': retained,
    'token-based': dropped,
    'local-transaction': bridged,
    none: alone,
  },
  'token-based': {
    'id-based': cell('the body is fetched after neither record nor entry was found'),
    'token-based': cell('the payload is the token, with no limit of time, in the same store'),
    'local-transaction': bridged,
    none: alone,
  },
  'local-transaction, same database': {
    'id-based': retained,
    'token-based': dropped,
    'local-transaction': cell('the row is inserted by the transaction that produced it'),
    none: alone,
  },
  'local-transaction, other database': {
    'id-based': bridged,
    'token-based': bridged,
    'local-transaction': bridged,
    none: alone,
  },
};

const consumerFamilies: Readonly<Record<ProtocolName, ConsumerFamily>> = {
  none: 'none',
  'local-transaction': 'local-transaction',
  outbox: 'id-based',
  'dedupe-store': 'id-based',
  token: 'token-based',
  'register-commit-publish': 'token-based',
};

/** The row of a protocol. Endpoints of one island share its broker, hence its database. */
export function producerFamily(protocol: ProtocolName): ProducerFamily {
  const family = consumerFamilies[protocol];
  return family === 'local-transaction' ? 'local-transaction, same database' : family;
}

/** A pair that cannot communicate. */
export interface ContractProblem {
  /** Name of the sending endpoint, or `load generator`. */
  readonly producer: string;
  readonly consumer: string;
  readonly verdict: Exclude<Verdict, 'ok'>;
  /** The pair, the reason and what would fix it, in two sentences. */
  readonly message: string;
}

/**
 * The cell of a pair. A bridge recognises by id, and what it hands on is what its receivers need; over
 * the border of an island nothing else leads.
 */
function cellOf(producer: EndpointProfile | null, consumer: EndpointProfile): ContractCell {
  const family = consumer.bridge ? 'id-based' : consumerFamilies[consumer.protocol];
  if (producer && leadsTo(producer) !== consumer.island) return otherIsland(family);
  if (producer?.bridge) return family === 'none' ? alone : bridgedOver;
  const row = producer === null ? 'load generator' : producerFamily(producer.protocol);
  return contractTable[row][family];
}

const bridgedOver = cell('a bridge hands on what its receivers recognise');

function otherIsland(family: ConsumerFamily): ContractCell {
  return family === 'none' ? alone : { verdict: 'bridge', reason: otherQueue };
}

type ContractProfile = Pick<Profile, 'load'> & {
  readonly deployment: Pick<DeploymentProfile, 'control' | 'endpoints'>;
};

/** Every pair of the profile that cannot communicate, in the order of the endpoints. */
export function contractProblems(profile: ContractProfile): readonly ContractProblem[] {
  const { control, endpoints } = profile.deployment;
  const byName = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
  const entering = profile.load.enter.map((name) => pair(null, byName.get(name)));
  const hops = endpoints.flatMap((producer) =>
    producer.sendsTo.map((name) => pair(producer, byName.get(name))),
  );
  return [...entering, ...hops]
    .filter((found) => found !== null)
    .filter(({ verdict }) => !(control && verdict === 'doubles'));
}

/** Refuses (kind `profile`) a profile with endpoints that cannot communicate; names every pair. */
export function checkContract(profile: Profile): void {
  const problems = contractProblems(profile);
  const [first] = problems;
  if (first === undefined) return;
  const message = problems.map((problem) => problem.message).join('\n');
  throw new OncectlError('profile', message, { about: `${first.producer} -> ${first.consumer}` });
}

function pair(
  producer: EndpointProfile | null,
  consumer: EndpointProfile | undefined,
): ContractProblem | null {
  if (consumer === undefined) return null;
  const { verdict, reason } = cellOf(producer, consumer);
  if (verdict === 'ok') return null;
  const left = producer === null ? 'the load generator' : nameOf(producer);
  const fix = remedy(verdict, consumer.protocol);
  const message = `${left} cannot send to ${nameOf(consumer)}: ${reason}. ${fix}`;
  const from = producer?.name ?? 'load generator';
  return { producer: from, consumer: consumer.name, verdict, message };
}

function nameOf({ name, protocol, bridge, island }: EndpointProfile): string {
  const where = island === mainIsland ? '' : `, island ${island}`;
  return `"${name}" (${bridge ? 'bridge' : protocol}${where})`;
}

function remedy(verdict: Exclude<Verdict, 'ok'>, consumer: ProtocolName): string {
  if (consumer === 'none') {
    return 'Give it another protocol, or say `deployment.control: true` to see it go wrong';
  }
  if (verdict === 'doubles') {
    return 'Give the producer another protocol, or say `deployment.control: true`';
  }
  const last = {
    'id-based': 'sends on under the same id',
    'token-based': 'puts a payload per message, then sends',
    'local-transaction': 'writes dedupe record and queue row in one transaction',
    none: 'sends on',
  }[consumerFamilies[consumer]];
  return `A bridge between them would do (an endpoint with \`bridgeTo\`), which ${last}; or give both the same protocol and stores`;
}
