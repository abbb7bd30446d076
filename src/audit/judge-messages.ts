/** I1 to I4 over buckets of messages, and the counts of a verdict that are about messages. */
import type { Findings } from './findings.js';
import { HeldBack } from './held-back.js';
import { fateOf, isDiscarded, lossOf } from './i1-nothing-lost.js';
import { doublingOf } from './i2-applied-once.js';
import { leakOf } from './i3-nothing-leaked.js';
import { contradictionOf } from './i4-one-outcome.js';
import { type FactsByMessage, fold, type MessageFacts } from './message-facts.js';
import { lineBatches } from './read-lines.js';

export interface MessageCounts {
  accepted: number;
  unknown: number;
  handled: number;
  pending: number;
  redelivered: number;
  deadLettered: number;
  discarded: number;
  /** Messages still queued or dead, committed ones among them. */
  waiting: number;
  /** Outgoing messages that a pending message is still to dispatch. */
  heldBack: number;
}

export interface JudgingMessages {
  readonly folder: string;
  readonly workspace: string;
  readonly sinks: ReadonlySet<string>;
  /** False when the run was cut short: nothing is called lost then. */
  readonly lossDecided: boolean;
  readonly findings: Findings;
  /** After each bucket: share done, 0..1. */
  readonly onShare: (share: number) => void;
}

/** Judges every message of the buckets. */
export async function judgeMessages(
  buckets: readonly string[],
  options: JudgingMessages,
): Promise<MessageCounts> {
  const counts = nothingCounted();
  const heldBack = new HeldBack(options.folder, options.workspace);
  for (const [index, bucket] of buckets.entries()) {
    const facts: FactsByMessage = new Map();
    for await (const { lines } of lineBatches(bucket)) {
      for (const line of lines) fold(facts, line);
    }
    for (const message of facts.values()) {
      count(message, counts);
      judge(message, options.findings);
      judgeFate(message, options, counts, heldBack);
    }
    options.onShare((index + 1) / buckets.length);
  }
  counts.heldBack = await heldBack.resolve(({ endpoint, messageId, what }) => {
    options.findings.add('I1', endpoint, messageId, what);
  });
  counts.pending += counts.heldBack;
  return counts;
}

function nothingCounted(): MessageCounts {
  return {
    accepted: 0,
    unknown: 0,
    handled: 0,
    pending: 0,
    redelivered: 0,
    deadLettered: 0,
    discarded: 0,
    waiting: 0,
    heldBack: 0,
  };
}

function count(message: MessageFacts, counts: MessageCounts): void {
  if (message.entered === 'accepted') counts.accepted += 1;
  if (message.entered === 'unknown') counts.unknown += 1;
  counts.handled += message.commits.length;
  counts.redelivered += Math.max(0, message.arrivals - 1);
  if (message.waiting === 'dead') counts.deadLettered += 1;
  if (message.waiting !== null) counts.waiting += 1;
  if (isDiscarded(message)) counts.discarded += 1;
}

function judge(message: MessageFacts, findings: Findings): void {
  const { endpoint, messageId } = message;
  const doubling = doublingOf(message);
  if (doubling !== null) findings.add('I2', endpoint, messageId, doubling);
  const leak = leakOf(message);
  if (leak !== null) findings.add('I3', endpoint, messageId, leak);
  const contradiction = contradictionOf(message);
  if (contradiction !== null) findings.add('I4', endpoint, messageId, contradiction);
}

function judgeFate(
  message: MessageFacts,
  { sinks, lossDecided, findings }: JudgingMessages,
  counts: MessageCounts,
  heldBack: HeldBack,
): void {
  const fate = fateOf(message, sinks);
  if (fate === 'pending' && leakOf(message) === null) counts.pending += 1;
  if (fate !== 'missing' || !lossDecided) return;
  const { endpoint, messageId } = message;
  const what = lossOf(message, sinks);
  const [producer] = message.producers;
  if (producer === undefined) findings.add('I1', endpoint, messageId, what);
  else heldBack.add({ endpoint, messageId, what }, producer);
}
