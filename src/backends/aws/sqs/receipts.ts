/** Received messages of SQS as deliveries, with what is kept of each while this process holds it. */
import type { Message as Received } from '@aws-sdk/client-sqs';
import type { Delivery } from '../../../engine/message.js';
import { decode, encodedOf, pastOf } from './encoding.js';
import type { HeldCopies } from './held.js';

export interface Lease {
  readonly endpoint: string;
  /** Bounds of the moment at which SQS leased the copies, ms since the epoch. */
  readonly asked: number;
  readonly answered: number;
  readonly seconds: number;
}

/**
 * SQS counts a lease from the moment at which it takes the copy, which may be long after the call. An
 * answer takes a moment; where it took longer (a process that was stopped), the lease counts as longer
 * than it is, and the first extension tells.
 */
const longestAnswerMs = 1_000;

/** What is not ours is left where it is; the redrive policy takes it to the dead letters at last. */
export function deliveriesOf(
  messages: readonly Received[],
  lease: Lease,
  copies: HeldCopies,
): Delivery[] {
  const since = Math.max(lease.asked, lease.answered - longestAnswerMs);
  const leaseEnd = since + lease.seconds * 1000;
  return messages.flatMap((received) => {
    const encoded = encodedOf(received);
    const message = encoded && decode(encoded, lease.endpoint);
    const receipt = received.ReceiptHandle;
    if (!encoded || !message || receipt === undefined) return [];
    const past = pastOf(encoded);
    const receives = past.receives + receivesOf(received);
    copies.add(receipt, { endpoint: lease.endpoint, encoded, past, receives, since, leaseEnd });
    return [{ message, receipt, receives, leaseEnd, failures: past.failures }];
  });
}

/** How often SQS handed out this copy; it says itself that it may count wrong. */
export function receivesOf({ Attributes }: Received): number {
  return Math.max(1, Number(Attributes?.ApproximateReceiveCount ?? 1));
}
