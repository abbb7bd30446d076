/**
 * I2 (chains) and I5 over buckets of entities. Most entities' commits are one plain chain, which a
 * walk in order of version confirms. The others are taken apart into links, to say what is wrong.
 */
import { Buckets } from './buckets.js';
import { type ChainFact, parseChainFact } from './chain-facts.js';
import { Execution, type Replay } from './execution.js';
import type { Findings } from './findings.js';
import { chainFaults } from './i2-applied-once.js';
import { stateFaults } from './i5-equivalence.js';
import { linesInOrder } from './in-order.js';
import { commitLinks, endLinks, type FactsByLink, foldLink } from './link-facts.js';
import { PlainChain } from './plain-chain.js';
import { lineBatches } from './read-lines.js';

export interface JudgingChains {
  readonly workspace: string;
  /** Whether the evidence says how the entities ended. */
  readonly storeKnown: boolean;
  /** Memory for sorting one bucket. */
  readonly runBytes: number;
  /** Most buckets to deal the links of broken chains to. */
  readonly linkBuckets: number;
  /** Null when handlers are not deterministic. */
  readonly replay: Replay | null;
  readonly findings: Findings;
  /** After each bucket: share done, 0..1. */
  readonly onShare: (share: number) => void;
}

const linkBuffer = 16 << 10;

/** Judges every entity of the buckets. */
export async function judgeChains(
  buckets: readonly string[],
  options: JudgingChains,
): Promise<void> {
  const links = new Buckets(options.workspace, 'links', options.linkBuckets, linkBuffer);
  for (const [index, bucket] of buckets.entries()) {
    const broken = await walk(bucket, options);
    if (broken.size > 0) await takeApart(bucket, broken, links);
    options.onShare((index + 1) / buckets.length);
  }
  for (const bucket of links.finish()) await judgeLinks(bucket, options);
}

/** Walks every chain of a bucket and executes it again; the entities whose chain is not plain. */
async function walk(bucket: string, options: JudgingChains): Promise<Set<string>> {
  const walker = new Walker(options);
  for await (const lines of linesInOrder(bucket, options.runBytes)) {
    for (const line of lines) walker.step(parseChainFact(line));
  }
  walker.finishEntity();
  return walker.broken;
}

/** Takes the facts of one entity after the other. */
class Walker {
  readonly broken = new Set<string>();
  #chain: PlainChain | null = null;
  #execution: Execution | null = null;

  constructor(readonly options: JudgingChains) {}

  step(fact: ChainFact): void {
    if (this.#chain?.isOf(fact) !== true) this.#begin(fact);
    this.#chain?.add(fact);
    if (fact.commit === null) return;
    const difference = this.#execution?.step(fact.commit) ?? null;
    if (difference === null) return;
    this.options.findings.add('I5', fact.endpoint, fact.commit.messageId, difference);
  }

  finishEntity(): void {
    const chain = this.#chain;
    if (chain?.isPlain(this.options.storeKnown) === false) this.broken.add(nameOf(chain));
  }

  #begin(fact: ChainFact): void {
    this.finishEntity();
    const { replay } = this.options;
    this.#chain = new PlainChain(fact);
    this.#execution = replay === null ? null : new Execution(fact, replay);
  }
}

function nameOf({ endpoint, key }: Pick<ChainFact, 'endpoint' | 'key'>): string {
  return `${endpoint}\t${key}`;
}

async function takeApart(bucket: string, broken: ReadonlySet<string>, links: Buckets) {
  const add = (groupedBy: string, line: string) => links.add(groupedBy, line);
  for await (const { lines } of lineBatches(bucket)) {
    for (const line of lines) {
      const fact = parseChainFact(line);
      if (!broken.has(nameOf(fact))) continue;
      if (fact.commit !== null) commitLinks(fact, fact.commit, add);
      if (fact.end !== null) endLinks(fact, fact.end, add);
    }
  }
}

async function judgeLinks(bucket: string, { findings, storeKnown }: JudgingChains) {
  const facts: FactsByLink = new Map();
  for await (const { lines } of lineBatches(bucket)) {
    for (const line of lines) foldLink(facts, line);
  }
  for (const link of facts.values()) {
    for (const found of [...chainFaults(link), ...stateFaults(link, storeKnown)]) {
      findings.add(found.invariant, found.endpoint, found.messageId, found.what);
    }
  }
}
