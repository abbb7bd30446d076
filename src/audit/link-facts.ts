/**
 * The chain of an entity's commits, taken apart into links: who made a transaction, who followed it,
 * and which entity ended there. A link is judged alone, so that an entity with a million commits needs
 * no more memory than a million entities with one. Grouped by (endpoint, key, transaction); the group
 * of transaction "-" is the entity's beginning.
 */
import type { ChainCommit, ChainEnd, ChainFact } from './chain-facts.js';

/** A commit as its link sees it. */
export interface Link {
  readonly transaction: string;
  readonly messageId: string;
  readonly version: number;
  readonly before: string;
  readonly after: string;
}

export interface LinkFacts {
  readonly endpoint: string;
  /** As in the evidence, percent-encoded. */
  readonly key: string;
  /** "-" for the entity's beginning. */
  readonly transaction: string;
  made: Link | null;
  /** A second commit under the same transaction, with other contents. */
  madeAgain: Link | null;
  /** The first commit that names this transaction as its previous one. */
  next: Link | null;
  /** Further ones, of other transactions: forks. Only the first few are kept. */
  readonly forks: Link[];
  /** The store's last word, when it names this transaction. */
  end: { readonly version: number; readonly hash: string } | null;
  /** Only at the beginning: the store knows the entity. */
  stored: boolean;
}

export type FactsByLink = Map<string, LinkFacts>;

/** Takes a fact with the text that decides its group. */
export type LinkSink = (groupedBy: string, fact: string) => void;

const beginning = '-';
const forksKept = 100;

type Entity = Pick<ChainFact, 'endpoint' | 'key'>;

export function commitLinks({ endpoint, key }: Entity, commit: ChainCommit, to: LinkSink): void {
  const { transaction, previous, messageId, version, before, after } = commit;
  const link = `${transaction}\t${messageId}\t${version}\t${before}\t${after}\n`;
  to(transaction, `m\t${endpoint}\t${key}\t${transaction}\t${link}`);
  to(previous || key, `n\t${endpoint}\t${key}\t${previous || beginning}\t${link}`);
}

export function endLinks({ endpoint, key }: Entity, end: ChainEnd, to: LinkSink): void {
  const { version, transaction, hash } = end;
  to(key, `s\t${endpoint}\t${key}\t${beginning}\n`);
  const last = transaction || beginning;
  to(transaction || key, `e\t${endpoint}\t${key}\t${last}\t${version}\t${hash}\n`);
}

/** Adds one fact, in any order. */
export function foldLink(facts: FactsByLink, line: string): void {
  const [kind, endpoint = '', key = '', transaction = '', ...details] = line.split('\t');
  const name = `${endpoint}\t${key}\t${transaction}`;
  let link = facts.get(name);
  if (link === undefined) {
    const found = { made: null, madeAgain: null, next: null, forks: [], end: null, stored: false };
    link = { endpoint, key, transaction, ...found };
    facts.set(name, link);
  }
  if (kind === 'm') addMade(link, linkOf(details));
  else if (kind === 'n') addNext(link, linkOf(details));
  else if (kind === 's') link.stored = true;
  else link.end = { version: Number(details[0]), hash: details[1] ?? '' };
}

function linkOf(details: readonly string[]): Link {
  const [transaction = '', messageId = '', version = '', before = '', after = ''] = details;
  return { transaction, messageId, version: Number(version), before, after };
}

/** The same record twice is one commit that was reported twice. */
function addMade(facts: LinkFacts, link: Link): void {
  if (facts.made === null) facts.made = link;
  else if (!same(facts.made, link)) facts.madeAgain = link;
}

function addNext(facts: LinkFacts, link: Link): void {
  if (facts.next === null) facts.next = link;
  else if (
    ![facts.next, ...facts.forks].some(({ transaction }) => transaction === link.transaction)
  )
    if (facts.forks.length < forksKept) facts.forks.push(link);
}

function same(one: Link, other: Link): boolean {
  return (
    one.messageId === other.messageId &&
    one.version === other.version &&
    one.before === other.before &&
    one.after === other.after
  );
}
