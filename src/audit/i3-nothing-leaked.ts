/**
 * I3, nothing leaked: every message that was met (arrived, handled or still queued) stands in exactly
 * one durable commit's outgoing, or in the generator's log.
 */
import { type MessageFacts, transactionOf } from './message-facts.js';

/** One sentence, or null when the message has exactly one source or was never met. */
export function leakOf(facts: MessageFacts): string | null {
  const met = facts.arrivals > 0 || facts.commits.length > 0 || facts.waiting !== null;
  const sources = facts.producers.length + (facts.entered === null ? 0 : 1);
  if (!met || sources === 1) return null;
  if (sources > 1) return `${sources} sources for one message: ${sourcesOf(facts).join(', ')}`;
  const where = facts.arrivals > 0 ? 'arrived' : facts.commits.length > 0 ? 'handled' : 'queued';
  const claim = transactionOf(facts.differing ?? '\t');
  const says = claim === '' ? '' : ` (it names transaction ${claim})`;
  return `leaked: ${where} at ${facts.endpoint}, but no durable commit produced it${says}`;
}

function sourcesOf(facts: MessageFacts): string[] {
  const commits = facts.producers.map(({ outcome }) => `transaction ${transactionOf(outcome)}`);
  return facts.entered === null ? commits : ["the generator's log", ...commits];
}
