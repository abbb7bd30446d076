/**
 * I2 (chains) and I5 over buckets of entities. Most entities' commits are one plain chain, which a
 * walk in order of version confirms. The others are taken apart into links, to say what is wrong.
 */
import { Buckets } from './buckets.js';
import { type ChainFact, inChainOrder, parseChainFact } from './chain-facts.js';
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
  const broken = new Set<string>();
  let chain: PlainChain | null = null;
  let execution: Execution | null = null;
  const finish = () => {
    if (chain?.isPlain(options.storeKnown) === false) broken.add(nameOf(chain));
  };
  for await (const line of linesInOrder(bucket, inChainOrder, options.runBytes)) {
    const fact = parseChainFact(line);
    if (chain === null || !chain.isOf(fact)) {
      finish();
      chain = new PlainChain(fact);
      execution = options.replay === null ? null : new Execution(fact, options.replay);
    }
    chain.add(fact);
    const difference = fact.commit === null ? null : (execution?.step(fact.commit) ?? null);
    if (difference === null || fact.commit === null) continue;
    options.findings.add('I5', fact.endpoint, fact.commit.messageId, difference);
  }
  finish();
  return broken;
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
