/**
 * I5, equivalence: each commit starts from the state that the previous one left, and the store ends
 * with the last. (`replay.ts` re-executes deterministic handlers.)
 */
import type { Finding } from './findings.js';
import type { Link, LinkFacts } from './link-facts.js';

/** What does not fit at this link. `storeKnown`: the evidence says how the entities ended. */
export function stateFaults(facts: LinkFacts, storeKnown: boolean): Finding[] {
  const { endpoint } = facts;
  const found = facts.transaction === '-' ? atBeginning(facts, storeKnown) : atLink(facts);
  return found.map(([link, what]) => {
    return { invariant: 'I5', endpoint, messageId: link?.messageId ?? '', what };
  });
}

type Fault = readonly [Link | null, string];

const shown = (hash: string) => (hash === '' ? 'no state' : `state ${hash}`);

function atBeginning({ key, next, forks, end, stored }: LinkFacts, storeKnown: boolean): Fault[] {
  const faults: Fault[] = [];
  for (const start of next === null ? [] : [next, ...forks]) {
    if (start.before === '') continue;
    faults.push([start, `first commit of entity ${key}, but it began from ${shown(start.before)}`]);
  }
  if (next !== null && storeKnown && !stored) {
    faults.push([next, `entity ${key} was committed, but the store does not know it`]);
  } else if (end !== null && (next !== null || end.hash !== '')) {
    const has = `${shown(end.hash)} without a transaction`;
    const though = next === null ? '' : ', though commits of it are recorded';
    faults.push([next, `the store holds entity ${key} with ${has}${though}`]);
  }
  return faults;
}

function atLink(facts: LinkFacts): Fault[] {
  const faults: Fault[] = [];
  const { key, made, next, forks, transaction } = facts;
  for (const link of next === null || made === null ? [] : [next, ...forks]) {
    if (link.before === made?.after) continue;
    const began = `began from ${shown(link.before)}`;
    const left = `transaction ${transaction} (message ${made?.messageId}) left`;
    faults.push([
      link,
      `its commit of entity ${key} ${began}, but ${left} ${shown(made?.after ?? '')}`,
    ]);
  }
  return [...faults, ...atEnd(facts)];
}

function atEnd({ key, made, next, end, transaction }: LinkFacts): Fault[] {
  if (end === null) return [];
  const ends = `the store holds entity ${key} at transaction ${transaction}`;
  if (made === null) return [[next, `${ends}, which no commit record names`]];
  if (next !== null) return [[next, `${ends}, though ${next.transaction} was committed after it`]];
  if (end.hash !== made.after) {
    return [
      [made, `${ends} with ${shown(end.hash)}, but it was committed with ${shown(made.after)}`],
    ];
  }
  if (end.version >= made.version) return [];
  return [[made, `${ends}, version ${end.version}, but it was committed as ${made.version}`]];
}
