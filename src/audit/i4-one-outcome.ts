/** I4, one outcome: every arrival carries the transaction and the body that were committed. */
import type { MessageFacts, Outcome } from './message-facts.js';

/** One sentence, or null. A message without any source is leaked (I3), not contradicting. */
export function contradictionOf(facts: MessageFacts): string | null {
  if (facts.differing === null) return null;
  const sources = facts.producers.map(({ outcome }) => outcome);
  if (facts.enteredAs !== null) sources.unshift(facts.enteredAs);
  if (sources.length === 0) return null;
  return `arrived as ${spoken(facts.differing)}, committed as ${sources.map(spoken).join(' or ')}`;
}

function spoken(outcome: Outcome): string {
  const [transaction = '', hash = ''] = outcome.split('\t');
  const by = transaction === '' ? 'entered' : `sent by transaction ${transaction}`;
  return `${by} with body ${hash === '' ? 'none' : hash}`;
}
