/**
 * SQS lists nothing: to see what lies in a queue is to receive all of it and put it back. A sweep costs
 * two requests for ten messages and one that comes back empty, raises every receive count, and hides
 * the messages from everybody else until it is over. It sees only what is visible when it passes.
 */
import type { Message as Received } from '@aws-sdk/client-sqs';
import type { Message } from '../../../engine/message.js';
import type { Batches } from './batches.js';
import type { Calls } from './calls.js';
import { decode, type Encoded, encodedOf, pastOf } from './encoding.js';
import type { Past } from './failures.js';
import { batchItems } from './limits.js';
import type { Queue } from './queues.js';
import { receivesOf } from './receipts.js';

/** One copy as it was found, leased to the sweep. */
export interface Swept {
  /** The broker's own id of the copy: the same at every receive. */
  readonly copyId: string;
  readonly handle: string;
  readonly message: Message;
  readonly encoded: Encoded;
  readonly past: Past;
  readonly receives: number;
  readonly sentAt: number;
}

export interface SweepOptions {
  readonly endpoint: string;
  /** How long a copy stays hidden should this process die in the middle. */
  readonly leaseSeconds: number;
  /** Stops before the queue is empty. */
  readonly isEnough?: (found: ReadonlyMap<string, Swept>) => boolean;
  readonly mostCopies: number;
}

/** A long poll asks every server of SQS; a short one may come back empty from a queue that is not. */
const pollSeconds = 1;

export class Sweeper {
  readonly #calls: Calls;
  readonly #batches: Batches;

  constructor(calls: Calls, batches: Batches) {
    this.#calls = calls;
    this.#batches = batches;
  }

  /** Receives until a poll brings nothing new; what is not ours is left out, and comes back by itself. */
  async take(queue: Queue, options: SweepOptions, into = new Map<string, Swept>()) {
    for (;;) {
      const { leaseSeconds, endpoint, isEnough, mostCopies } = options;
      const messages = await this.#calls.receive(queue, {
        max: batchItems,
        leaseSeconds,
        pollSeconds,
      });
      const before = into.size;
      for (const received of messages) {
        const swept = sweptOf(received, endpoint);
        if (swept) into.set(swept.copyId, swept);
      }
      if (into.size === before || into.size >= mostCopies || isEnough?.(into)) return into;
    }
  }

  /** Makes copies visible again; one whose lease ended meanwhile is visible already. */
  async putBack(queue: Queue, copies: Iterable<Swept>): Promise<void> {
    const changes = [...copies].map(({ handle }) =>
      this.#batches.changeLease(queue, { handle, seconds: 0 }),
    );
    await Promise.allSettled(changes);
  }
}

function sweptOf(received: Received, endpoint: string): Swept | null {
  const { MessageId: copyId, ReceiptHandle: handle, Attributes } = received;
  const encoded = encodedOf(received);
  const message = encoded && decode(encoded, endpoint);
  if (!encoded || !message || copyId === undefined || handle === undefined) return null;
  const sentAt = Number(Attributes?.SentTimestamp ?? 0);
  return {
    copyId,
    handle,
    message,
    encoded,
    past: pastOf(encoded),
    receives: receivesOf(received),
    sentAt,
  };
}
