/**
 * I1, nothing lost: every accepted and every committed outgoing message has a commit at its
 * destination, or arrived in a sink with its body, or is pending. An unknown send may have neither.
 */
import { type MessageFacts, transactionOf } from './message-facts.js';

/** `missing` is lost, unless the producer's own copy is still pending and will dispatch it. */
export type Fate = 'accounted' | 'pending' | 'missing';

export function fateOf(facts: MessageFacts, sinks: ReadonlySet<string>): Fate {
  const arrivedInSink = sinks.has(facts.endpoint) && facts.read;
  if (facts.commits.length > 0 || arrivedInSink || facts.discarded) return 'accounted';
  if (facts.waiting !== null) return 'pending';
  const promised = facts.entered === 'accepted' || facts.producers.length > 0;
  return promised ? 'missing' : 'accounted';
}

/** One sentence about a message whose fate is `missing`. */
export function lossOf(facts: MessageFacts, sinks: ReadonlySet<string>): string {
  const [producer] = facts.producers;
  const origin =
    producer === undefined
      ? 'accepted by the broker'
      : `committed as outgoing by transaction ${transactionOf(producer.outcome)} at ${producer.endpoint}`;
  const bodiless = facts.arrivals > 0 ? 'arrived without its body in' : 'never arrived in';
  const goal = sinks.has(facts.endpoint) ? bodiless : 'never committed at';
  return `lost: ${origin}, but ${goal} ${facts.endpoint}, and it is not pending`;
}
