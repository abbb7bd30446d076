/**
 * I2, applied once: at most one commit per (endpoint, message id); the commits of an entity are one
 * chain, from one start, without fork or gap, with rising versions.
 */
import { idTime } from '../engine/ids.js';
import type { Finding } from './findings.js';
import type { Link, LinkFacts } from './link-facts.js';
import type { MessageFacts } from './message-facts.js';

/**
 * One sentence, or null. It tells how far apart the commits were: a copy that came later than the
 * retention is applied again by every protocol that recognises by id.
 */
export function doublingOf({ commits }: MessageFacts): string | null {
  if (commits.length < 2) return null;
  const times = commits.map(idTime).filter((time) => time > 0);
  const apart = times.length < 2 ? 0 : (Math.max(...times) - Math.min(...times)) / 1000;
  const when = apart > 0 ? ` within ${apart.toFixed(1)} s` : '';
  return `applied ${commits.length} times${when}: transactions ${commits.join(', ')}`;
}

/** What is wrong with the chain at this link: each with the message whose commit does not fit. */
export function chainFaults(facts: LinkFacts): Finding[] {
  const finding = ({ messageId }: Link, what: string): Finding => {
    return { invariant: 'I2', endpoint: facts.endpoint, messageId, what };
  };
  return [...forksOf(facts), ...linkFaults(facts)].map(([link, what]) => finding(link, what));
}

type Fault = readonly [Link, string];

/** Two commits of one message are a double, reported by `doublingOf`; no fork on top of it. */
function forksOf({ next, forks, key, transaction }: LinkFacts): Fault[] {
  if (next === null) return [];
  const place = transaction === '-' ? 'as its first commit' : `after transaction ${transaction}`;
  return forks
    .filter(({ messageId }) => messageId !== next.messageId)
    .map((fork) => [
      fork,
      `the chain of entity ${key} forks ${place}: both ${next.transaction} (message ` +
        `${next.messageId}) and ${fork.transaction} follow`,
    ]);
}

function linkFaults({ made, madeAgain, next, key, transaction }: LinkFacts): Fault[] {
  const faults: Fault[] = [];
  if (madeAgain !== null) {
    const versions = `versions ${made?.version} and ${madeAgain.version}`;
    faults.push([madeAgain, `transaction ${transaction} committed twice: ${versions}`]);
  }
  if (next === null || transaction === '-') return faults;
  if (made === null) {
    const gap = `nobody made its previous transaction ${transaction}`;
    faults.push([next, `the chain of entity ${key} has a gap: ${gap}`]);
  } else if (next.version <= made.version) {
    const versions = `version ${next.version} follows version ${made.version}`;
    faults.push([next, `the versions of entity ${key} do not rise: ${versions}`]);
  }
  return faults;
}
