/**
 * What operating a deployment needs of a store beside its ports: finding things, and removing what no
 * protocol will remove. Only a store can list what it holds; everything else that an operator does is
 * built on the ports. A part for each port, as with the evidence, so that stores mix freely.
 *
 *  U1 Reading changes nothing: no lease, no count of receives, unless the part says that it receives.
 *  U2 A page is in the order of its ids; a row that is there from the first page to the last is on
 *     exactly one of them, whatever happens to others meanwhile.
 *  U3 What a read shows is durable (R4), and not older than the call.
 *  U4 Rows of the reserved endpoint `controlEndpoint` are shown to who asks for it by name only.
 */
import type { Failure, Message } from './message.js';
import type {
  DedupeRecord,
  Entry,
  PayloadOrigin,
  PendingEntry,
  Registration,
  Slot,
} from './ports.js';

/** A page of a listing. */
export interface PageQuery {
  /** Only ids that begin with it; "" for all. */
  readonly prefix: string;
  /** Id of the last row of the page before; null for the first. */
  readonly after: string | null;
  readonly limit: number;
}

/** A physical copy of a message as it lies in a queue or among the dead letters. */
export interface QueuedCopy {
  readonly message: Message;
  readonly state: 'visible' | 'in-flight' | 'delayed' | 'dead';
  /**
   * Visible: since when. In flight: end of the lease. Delayed: when it becomes visible. Dead: time of
   * death. Milliseconds since the epoch.
   */
  readonly at: number;
  /** How often it was received so far. */
  readonly receives: number;
  /** Worker that holds the lease; null when nobody does, or the broker does not tell. */
  readonly holder: string | null;
  readonly failures: readonly Failure[];
  /** Of a dead letter: what `redrive` and `discard` take. Of others: names the copy, nothing more. */
  readonly receipt: string;
}

export interface BrokerUpkeep {
  /**
   * `reads`: queues can be searched, and the answer is complete. `receives`: searching takes every
   * visible message and puts it back, which costs receives, raises their counts, and misses what is
   * leased or delayed. Who asks must have been told to.
   */
  readonly searching: 'reads' | 'receives';
  /** Copies whose message id begins with `prefix`, dead letters included; at most `limit` in all. */
  copies(
    endpoints: readonly string[],
    prefix: string,
    limit: number,
  ): Promise<readonly QueuedCopy[]>;
  /** Every copy of any of these messages: one search for all of them. */
  copiesOf(
    endpoints: readonly string[],
    messageIds: ReadonlySet<string>,
  ): Promise<readonly QueuedCopy[]>;
  /**
   * Since when the oldest message waits that is neither dead nor delayed, ms since the epoch; null for
   * an empty queue, `unknown` where the broker does not tell.
   */
  oldest(endpoint: string): Promise<number | null | 'unknown'>;
  /** Removes one dead letter for good; false when it is gone. */
  discard(endpoint: string, receipt: string): Promise<boolean>;
}

/** How many; `exact: false` for "at least so many". */
export interface Count {
  readonly count: number;
  readonly exact: boolean;
}

/** An entity with an unfinished transaction or registered attempts (register-commit-publish). */
export interface RegisteredEntity {
  readonly key: string;
  readonly slot: Slot | null;
  readonly registry: readonly Registration[];
}

export interface BusinessUpkeep {
  /** Entries of any step, dispatched ones included, whole, by message id. */
  entries(endpoint: string, page: PageQuery): Promise<readonly Entry[]>;
  /**
   * What `listPending` lists, the oldest commit first; at most `limit`, committed before `olderThan`
   * (ms since the epoch). Takes well under a second among a million.
   */
  oldestPending(
    endpoint: string,
    olderThan: number,
    limit: number,
  ): Promise<readonly PendingEntry[]>;
  /** How many entries and slots were committed before `olderThan`; counting may stop at `most`. */
  countPending(endpoint: string, olderThan: number, most: number): Promise<Count>;
  /** Entities with a slot or a registry that is not empty, by key. */
  registered(endpoint: string, page: PageQuery): Promise<readonly RegisteredEntity[]>;
}

export interface StoredRecord {
  readonly messageId: string;
  readonly record: DedupeRecord;
}

export interface DedupeUpkeep {
  /** Dedupe records (in an island: the records of what entered), expired ones included, by id. */
  records(endpoint: string, page: PageQuery): Promise<readonly StoredRecord[]>;
  /** Removes the record if it is still the one given (`by`, `at`); false when it is not. */
  remove(endpoint: string, messageId: string, record: DedupeRecord): Promise<boolean>;
}

export interface StoredPayload {
  readonly id: string;
  readonly origin: PayloadOrigin;
  /** When it was put, ms since the epoch. */
  readonly at: number;
  readonly bytes: number;
}

export interface PayloadUpkeep {
  /** Present payloads, by payload id. */
  payloads(page: PageQuery): Promise<readonly StoredPayload[]>;
}

/** What each port's store offers an operator. */
export interface UpkeepParts {
  readonly broker: BrokerUpkeep;
  readonly business: BusinessUpkeep;
  readonly dedupe: DedupeUpkeep;
  readonly payload: PayloadUpkeep;
}

/**
 * The endpoint whose entities are oncectl's own records in a deployment: log, pauses, progress of
 * plans (`control/`). It has no queue and no handler, and no profile may name one like it.
 */
export const controlEndpoint = 'oncectl';
