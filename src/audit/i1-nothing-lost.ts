/**
 * I1, nothing lost: every accepted and every committed outgoing message has a commit at its
 * destination, or arrived in a sink with its body, or is pending, or was discarded by an operator. An
 * unknown send may have neither.
 */
import { type MessageFacts, transactionOf } from './message-facts.js';

/** `missing` is lost, unless the producer's own copy is still pending and will dispatch it. */
export type Fate = 'accounted' | 'pending' | 'missing';

export function fateOf(facts: MessageFacts, sinks: ReadonlySet<string>): Fate {
  const arrivedInSink = sinks.has(facts.endpoint) && facts.read;
  if (facts.commits.length > 0 || arrivedInSink) return 'accounted';
  if (facts.waiting !== null) return 'pending';
  if (isDiscarded(facts)) return 'accounted';
  const promised = facts.entered === 'accepted' || facts.producers.length > 0;
  return promised ? 'missing' : 'accounted';
}

/** An operator removed it, it is not there any more, and nothing was committed for it. */
export function isDiscarded({ discarded, commits, waiting }: MessageFacts): boolean {
  return discarded > 0 && commits.length === 0 && waiting === null;
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
