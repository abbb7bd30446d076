/**
 * What an audit reads from the queues. SQS lists nothing, so they are received for it and put back: ask
 * once, at the end, when no worker is left. What a dead worker still holds, or what is delayed, is
 * waited for: as long as a lease of the deployment may last, and a moment for polls that SQS answers
 * although nobody waits for the answer any more: what was visible when the workers stopped.
 */
import type { BrokerEvidence, PendingMessage } from '../../../engine/evidence.js';
import type { QueueDepth } from '../../../engine/ports.js';
import type { Calls } from './calls.js';
import type { Queues, Where } from './queues.js';
import type { Sweeper, Swept } from './sweep.js';

const leaseSeconds = 300;
const mostCopies = 100_000;
const queuesAtATime = 32;
const pauseMs = 250;
const abandonedPollMs = 5_000;

export interface EvidenceParts {
  readonly queues: Queues;
  readonly calls: Calls;
  readonly sweeper: Sweeper;
  readonly depth: (endpoint: string) => Promise<QueueDepth>;
  readonly visibilityMs: number;
}

interface Found extends PendingMessage {
  readonly payload: string | null;
}

export class SqsEvidence implements BrokerEvidence {
  readonly #parts: EvidenceParts;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  async *pending(): AsyncIterable<PendingMessage> {
    for await (const { endpoint, messageId, where } of this.#everything()) {
      yield { endpoint, messageId, where };
    }
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for await (const { payload } of this.#everything()) if (payload !== null) yield payload;
  }

  async depth(endpoints: readonly string[]): Promise<ReadonlyMap<string, QueueDepth>> {
    const { depth } = this.#parts;
    const found = endpoints.map(async (one) => [one, await depth(one)] as const);
    return new Map(await Promise.all(found));
  }

  async *#everything(): AsyncIterable<Found> {
    const all = [...this.#parts.queues.endpoints].flatMap((endpoint) =>
      (['queue', 'dead'] as const).map((where) => ({ endpoint, where })),
    );
    for (let at = 0; at < all.length; at += queuesAtATime) {
      const some = all.slice(at, at + queuesAtATime);
      const found = await Promise.all(some.map((one) => this.#inQueue(one.endpoint, one.where)));
      yield* found.flat();
    }
  }

  async #inQueue(endpoint: string, where: Where): Promise<readonly Found[]> {
    const { queues, sweeper, visibilityMs } = this.#parts;
    const queue = await queues.of(endpoint, where);
    const deadline = Date.now() + abandonedPollMs + visibilityMs;
    const found = new Map<string, Swept>();
    const options = { endpoint, leaseSeconds, mostCopies };
    try {
      await sweeper.take(queue, options, found);
      while (Date.now() < deadline && (await this.#isMoreToCome(endpoint, where, found.size))) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        await sweeper.take(queue, options, found);
      }
    } finally {
      await sweeper.putBack(queue, found.values());
    }
    return [...found.values()].map(({ message }) => ({
      endpoint,
      messageId: message.id,
      where: where === 'dead' ? 'dead' : 'queued',
      payload: message.headers.payload?.id ?? null,
    }));
  }

  async #isMoreToCome(endpoint: string, where: Where, held: number): Promise<boolean> {
    const { queues, calls } = this.#parts;
    const { inFlight, delayed } = await calls.depth(await queues.of(endpoint, where));
    return inFlight > held || delayed > 0;
  }
}
