/** I4, one outcome: every arrival carries the transaction and the body that were committed. */
import type { MessageFacts } from './message-facts.js';

/** One sentence, or null. A message without any source is leaked (I3), not contradicting. */
export function contradictionOf(facts: MessageFacts): string | null {
  const arrived = facts.differing;
  if (arrived === null || (facts.producers.length === 0 && facts.entered === null)) return null;
  return `arrived as ${spoken(arrived)}, committed as ${committed(facts).join(' or ')}`;
}

function committed(facts: MessageFacts): string[] {
  const sources = facts.producers.map(spoken);
  if (facts.entered === null) return sources;
  return [spoken({ transaction: '', hash: facts.enteredHash }), ...sources];
}

function spoken({ transaction, hash }: { transaction: string; hash: string }): string {
  const by = transaction === '' ? 'entered' : `sent by transaction ${transaction}`;
  return `${by} with body ${hash === '' ? 'none' : hash}`;
}
