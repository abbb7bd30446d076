/** What is explored, in words that fit into a file; and a schedule that breaks it. */
import { OncectlError } from '../engine/errors.js';
import { protocols } from '../engine/protocols/index.js';
import type { ProtocolName } from '../engine/protocols/names.js';
import type { Invariant } from './history.js';
import type { Move } from './moves.js';
import { type Mutant, mutants, scenarioOf } from './mutants/index.js';
import {
  appending,
  type Bounds,
  forwardingTo,
  type Scenario,
  type StoreModels,
} from './scenario.js';

/** How the messages share entities: with one message there is only the first. */
export type Sharing = 'one entity' | 'an entity each';

export interface Subject {
  readonly protocol: ProtocolName;
  /** The wrong variant that is explored, in the scenario that has to catch it; null: the protocol. */
  readonly mutant: string | null;
  /** The protocol of an endpoint in front, which sends what the protocol consumes; null: none. */
  readonly producer: ProtocolName | null;
  readonly messages: number;
  readonly entities: Sharing;
  readonly bounds: Bounds;
  readonly stores: StoreModels;
}

export interface TraceFile extends Subject {
  readonly schema: 'oncectl/trace/v1';
  /** What the schedule violates; null: nothing, it has to hold. */
  readonly invariant: Invariant | null;
  /** What is violated; where nothing is, what the schedule is of. */
  readonly text: string;
  readonly steps: readonly Move[];
}

interface Scheduled extends Pick<TraceFile, 'invariant' | 'text'> {
  readonly trace: readonly Move[];
}

/** The file that keeps this schedule. */
export function traceFileOf(subject: Subject, { invariant, text, trace }: Scheduled): TraceFile {
  const { protocol, mutant, producer, messages, entities, bounds, stores } = subject;
  const asked = { protocol, mutant, producer, messages, entities, bounds, stores };
  return { schema: 'oncectl/trace/v1', ...asked, invariant, text, steps: trace };
}

/** The scenario that the subject names. Rejects a mutant that there is not. */
export function scenarioFor(subject: Subject): Scenario {
  if (subject.mutant !== null) {
    const mutant = mutants.find(({ name }) => name === subject.mutant);
    if (mutant) return scenarioOf(mutant);
    throw new OncectlError('usage', `no mutant is named ${subject.mutant}`, { about: 'the trace' });
  }
  const { protocol, producer, messages, entities, bounds, stores } = subject;
  const consumer = { protocol: protocols[protocol], handler: appending };
  const endpoints =
    producer === null
      ? [{ name: 'orders', ...consumer }]
      : [
          { name: 'orders', protocol: protocols[producer], handler: forwardingTo('billing') },
          { name: 'billing', ...consumer },
        ];
  const entered = Array.from({ length: messages }, (_, index) => {
    const id = String.fromCharCode('A'.charCodeAt(0) + index);
    const key = entities === 'one entity' ? 'k' : `k${index}`;
    return { id, endpoint: 'orders', key, body: id };
  });
  return { endpoints, entered, stores, bounds, wrongs: {} };
}

/** What the mutant is explored with. */
export function mutantSubject(mutant: Mutant): Subject {
  const { stores, bounds, entered } = scenarioOf(mutant);
  const keys = new Set(entered.map(({ endpoint, key }) => `${endpoint}/${key}`));
  const entities: Sharing = keys.size === 1 ? 'one entity' : 'an entity each';
  const named = { protocol: mutant.of, mutant: mutant.name, producer: null };
  return { ...named, messages: entered.length, entities, stores, bounds };
}
