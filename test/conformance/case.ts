/**
 * What a conformance case is, and what it may ask of the store under test. Cases are plain
 * functions: vitest runs them against right stores, `wrong-stores.test.ts` against wrong ones.
 */
import type { EvidenceSource } from '../../src/engine/evidence.js';
import type { Island, Ports } from '../../src/engine/ports.js';
import type { BrokerUpkeep, UpkeepParts } from '../../src/engine/upkeep.js';
import { id } from './fixtures.js';

/** One opened store (or set of stores), as a client sees it. */
export interface Subject {
  readonly ports: Ports;
  readonly evidence?: EvidenceSource;
  readonly upkeep?: UpkeepParts;
  /** A second client of the same stores, best in another OS process; closed with the subject. */
  peer(): Promise<Ports>;
  /** Makes the queue of an endpoint, where queues do not come into being by themselves. */
  provision?(endpoint: string): Promise<void>;
  close(): Promise<void>;
}

export type Part =
  | 'broker'
  | 'business'
  | 'dedupe'
  | 'payload'
  | 'island'
  | 'evidence'
  | 'upkeep'
  | 'life';

/** What a store can do. Every ability that is missing is declared here, never commented out. */
export interface Capabilities {
  /** Parts to run; all of them by default, but for those that the subject does not have. */
  readonly parts?: readonly Part[];
  /** Shortest lease that the broker keeps to, ms. */
  readonly shortLease: number;
  /** Longest wait for a condition before a case fails, ms. */
  readonly patience: number;
  /** Largest body that the broker itself carries, bytes. */
  readonly largestBody: number;
  /** Largest state that an entity of the business store takes, bytes; any by default. */
  readonly largestState?: number;
  /** An `ack` or `deadLetter` with a stale receipt may take effect (SQS). */
  readonly staleReceiptsMayWork?: boolean;
  /** One copy may be delivered twice within a lease (SQS). */
  readonly mayDouble?: boolean;
  /** What is leased or delayed cannot be listed before it is visible (SQS). */
  readonly listsByReceiving?: boolean;
  /** `depth` moves at the next receive only when a lease or a delay ends (an emulator of SQS). */
  readonly countsLate?: boolean;
  /**
   * How the broker's upkeep searches; `reads` by default. With `receives` a search misses what is
   * leased or delayed and costs receives, and holder and oldest message may be unknown.
   */
  readonly searching?: BrokerUpkeep['searching'];
  /** How far times that the store itself takes may be from ours, ms: another clock, whole seconds. */
  readonly ownTimesDiffer?: number;
}

/** What a case gets: the subject, a peer, and endpoints that no other case uses. */
export class Context {
  private peerPorts: Promise<Ports> | undefined;

  constructor(
    readonly subject: Subject,
    readonly capabilities: Capabilities,
    readonly open: () => Promise<Subject>,
  ) {}

  get ports(): Ports {
    return this.subject.ports;
  }

  get island(): Island {
    const island = this.ports.island;
    if (island === undefined) throw new Error('the subject has no island');
    return island;
  }

  get evidence(): EvidenceSource {
    const evidence = this.subject.evidence;
    if (evidence === undefined) throw new Error('the subject has no evidence');
    return evidence;
  }

  get upkeep(): UpkeepParts {
    const upkeep = this.subject.upkeep;
    if (upkeep === undefined) throw new Error('the subject has no upkeep');
    return upkeep;
  }

  peer(): Promise<Ports> {
    this.peerPorts ??= this.subject.peer();
    return this.peerPorts;
  }

  /** A fresh endpoint with a queue of its own. */
  async endpoint(label = 'orders'): Promise<string> {
    const endpoint = `${label}-${id().toLowerCase()}`;
    await this.subject.provision?.(endpoint);
    return endpoint;
  }
}

export interface Case {
  readonly part: Part;
  /** States the outcome that a right store shows. */
  readonly title: string;
  /** Why the case does not apply to a store with these capabilities. */
  readonly unless?: (capabilities: Capabilities) => string | undefined;
  readonly run: (context: Context) => Promise<void>;
}

/** Collects the cases of one part in the order in which they are written. */
export function casesOf(
  part: Part,
  titles: Record<string, Case['run'] | Pick<Case, 'unless' | 'run'>>,
): Case[] {
  return Object.entries(titles).map(([title, entry]) =>
    typeof entry === 'function' ? { part, title, run: entry } : { part, title, ...entry },
  );
}
