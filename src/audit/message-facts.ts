/**
 * Everything the evidence says about one (endpoint, message id), folded so that any number of copies
 * takes the same memory. Facts travel through bucket files as lines: kind, endpoint, id, details.
 */
import type { PendingMessage } from '../engine/evidence.js';
import type { CommitRecord } from '../engine/ports.js';
import {
  type ArrivalRecord,
  type EnteredRecord,
  type InjectedRecord,
  unreadBody,
} from './lines.js';

/** A durable commit whose outgoing messages name the message. */
export interface Producer {
  readonly outcome: Outcome;
  readonly endpoint: string;
  readonly messageId: string;
}

/** Producing transaction ("" for entered messages), a tab, and body hash: compared as one text. */
export type Outcome = string;

export interface MessageFacts {
  readonly endpoint: string;
  readonly messageId: string;
  entered: 'accepted' | 'unknown' | null;
  /** What the generator's log says; null when it says nothing. */
  enteredAs: Outcome | null;
  readonly producers: Producer[];
  /** Transactions of its commits at its endpoint, each once. */
  readonly commits: string[];
  arrivals: number;
  /** An arrival came with its body. */
  read: boolean;
  /** First arrival that differs from every source. */
  differing: Outcome | null;
  waiting: 'queued' | 'dead' | null;
  /** How often an operator discarded it, less how often it was put back. */
  discarded: number;
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
  if (what !== 'duplicate') to(messageId, `d\t${endpoint}\t${messageId}\t${what}\n`);
}

/**
 * Adds one fact. The facts of a bucket must come sources first (entered and commits, then arrivals):
 * an arrival is compared with the sources that are known when it comes.
 */
export function fold(facts: FactsByMessage, line: string): void {
  const endpointEnd = line.indexOf('\t', 2);
  const keyEnd = line.indexOf('\t', endpointEnd + 1);
  const key = line.slice(2, keyEnd);
  let message = facts.get(key);
  if (message === undefined) {
    message = nothingKnown(line.slice(2, endpointEnd), line.slice(endpointEnd + 1, keyEnd));
    facts.set(key, message);
  }
  folds[line.charAt(0)]?.(message, line.slice(keyEnd + 1));
}

function nothingKnown(endpoint: string, messageId: string): MessageFacts {
  return {
    endpoint,
    messageId,
    entered: null,
    enteredAs: null,
    producers: [],
    commits: [],
    arrivals: 0,
    read: false,
    differing: null,
    waiting: null,
    discarded: 0,
  };
}

/** How the outcome of an arrival ends whose body was not read: only its transaction can be judged. */
const unread = `\t${unreadBody}`;

type Fold = (message: MessageFacts, details: string) => void;

const folds: Readonly<Record<string, Fold>> = {
  e: (message, details) => {
    const [hash = '', outcome] = details.split('\t');
    message.enteredAs = `\t${hash}`;
    if (message.entered !== 'accepted') {
      message.entered = outcome === 'accepted' ? 'accepted' : 'unknown';
    }
  },
  c: (message, transaction) => {
    if (!message.commits.includes(transaction)) message.commits.push(transaction);
  },
  o: (message, details) => {
    const [transaction = '', hash = '', endpoint = '', messageId = ''] = details.split('\t');
    const outcome = `${transaction}\t${hash}`;
    if (message.producers.some((known) => known.outcome === outcome)) return;
    message.producers.push({ outcome, endpoint, messageId });
  },
  a: (message, outcome) => {
    message.arrivals += 1;
    message.read ||= !outcome.endsWith(unread);
    if (message.differing === null && !hasSource(message, outcome)) message.differing = outcome;
  },
  p: (message, where) => {
    if (message.waiting !== 'dead') message.waiting = where === 'dead' ? 'dead' : 'queued';
  },
  d: (message, what) => {
    message.discarded += what === 'discarded' ? 1 : -1;
  },
};

function hasSource(message: MessageFacts, outcome: Outcome): boolean {
  const { enteredAs, producers } = message;
  if (enteredAs === outcome || producers.some((producer) => producer.outcome === outcome))
    return true;
  if (!outcome.endsWith(unread)) return false;
  const sources = [enteredAs ?? '-\t', ...producers.map((producer) => producer.outcome)];
  return sources.some((source) => transactionOf(source) === transactionOf(outcome));
}

/** The producing transaction of an outcome; "" for entered messages. */
export function transactionOf(outcome: Outcome): string {
  return outcome.slice(0, outcome.indexOf('\t'));
}
