/**
 * Everything the evidence says about one (endpoint, message id), folded so that any number of copies
 * takes the same memory. Facts travel through bucket files as lines: kind, endpoint, id, details.
 */
import type { PendingMessage } from '../engine/evidence.js';
import type { CommitRecord } from '../engine/ports.js';
import type { ArrivalRecord, EnteredRecord, InjectedRecord } from './lines.js';

/** A durable commit whose outgoing messages name the message. */
export interface Producer {
  readonly transaction: string;
  readonly hash: string;
  readonly endpoint: string;
  readonly messageId: string;
}

export interface MessageFacts {
  readonly endpoint: string;
  readonly messageId: string;
  entered: 'accepted' | 'unknown' | null;
  enteredHash: string;
  readonly producers: Producer[];
  /** Transactions of its commits at its endpoint, each once. */
  readonly commits: string[];
  arrivals: number;
  /** First arrival that differs from every source: its producing transaction and body hash. */
  differing: { readonly transaction: string; readonly hash: string } | null;
  waiting: 'queued' | 'dead' | null;
  discarded: boolean;
}

/** Facts by `endpoint TAB id`. */
export type FactsByMessage = Map<string, MessageFacts>;

export type FactSink = (messageId: string, fact: string) => void;

export function enteredFacts({ endpoint, messageId, hash, outcome }: EnteredRecord, to: FactSink) {
  to(messageId, `e\t${endpoint}\t${messageId}\t${hash}\t${outcome}\n`);
}

/** A commit speaks about its own message and about every message that it produced. */
export function commitFacts(record: CommitRecord, to: FactSink) {
  const { endpoint, messageId, transaction } = record;
  to(messageId, `c\t${endpoint}\t${messageId}\t${transaction}\n`);
  for (const { id, endpoint: target, hash } of record.outgoing) {
    to(id, `o\t${target}\t${id}\t${transaction}\t${hash}\t${endpoint}\t${messageId}\n`);
  }
}

export function arrivalFacts(record: ArrivalRecord, to: FactSink) {
  const { endpoint, messageId, transaction, hash } = record;
  to(messageId, `a\t${endpoint}\t${messageId}\t${transaction ?? ''}\t${hash}\n`);
}

export function pendingFacts({ endpoint, messageId, where }: PendingMessage, to: FactSink) {
  to(messageId, `p\t${endpoint}\t${messageId}\t${where}\n`);
}

export function injectedFacts({ endpoint, messageId, what }: InjectedRecord, to: FactSink) {
  if (what === 'discarded') to(messageId, `d\t${endpoint}\t${messageId}\n`);
}

/**
 * Adds one fact. The facts of a bucket must come sources first (entered and commits, then arrivals):
 * an arrival is compared with the sources that are known when it comes.
 */
export function fold(facts: FactsByMessage, line: string): void {
  const [kind = '', endpoint = '', messageId = '', ...details] = line.split('\t');
  const key = `${endpoint}\t${messageId}`;
  let message = facts.get(key);
  if (message === undefined) {
    message = nothingKnown(endpoint, messageId);
    facts.set(key, message);
  }
  folds[kind]?.(message, details);
}

function nothingKnown(endpoint: string, messageId: string): MessageFacts {
  return {
    endpoint,
    messageId,
    entered: null,
    enteredHash: '',
    producers: [],
    commits: [],
    arrivals: 0,
    differing: null,
    waiting: null,
    discarded: false,
  };
}

type Fold = (message: MessageFacts, details: readonly string[]) => void;

const folds: Readonly<Record<string, Fold>> = {
  e: (message, [hash = '', outcome]) => {
    message.enteredHash = hash;
    if (message.entered !== 'accepted') {
      message.entered = outcome === 'accepted' ? 'accepted' : 'unknown';
    }
  },
  c: (message, [transaction = '']) => {
    if (!message.commits.includes(transaction)) message.commits.push(transaction);
  },
  o: (message, [transaction = '', hash = '', endpoint = '', messageId = '']) => {
    if (message.producers.some((known) => known.transaction === transaction)) return;
    message.producers.push({ transaction, hash, endpoint, messageId });
  },
  a: (message, [transaction = '', hash = '']) => {
    message.arrivals += 1;
    if (message.differing === null && !hasSource(message, transaction, hash)) {
      message.differing = { transaction, hash };
    }
  },
  p: (message, [where]) => {
    if (message.waiting !== 'dead') message.waiting = where === 'dead' ? 'dead' : 'queued';
  },
  d: (message) => {
    message.discarded = true;
  },
};

function hasSource(message: MessageFacts, transaction: string, hash: string): boolean {
  if (message.entered !== null && transaction === '') return message.enteredHash === hash;
  return message.producers.some(
    (producer) => producer.transaction === transaction && producer.hash === hash,
  );
}
