/**
 * What operating needs of the queues. SQS lists nothing, so that looking is receiving: every visible
 * copy is taken and put back (`sweep.ts`). What this costs, and what it cannot tell:
 *  - two requests for ten copies and one second for each queue, and a receive more on every copy, of
 *    the thousand after which SQS makes it a dead letter by itself;
 *  - workers do not see a copy until it is put back, a minute later at worst when this process dies;
 *  - what is leased or delayed is not seen, nor what lies beyond the first ten thousand of a queue;
 *  - since when a copy is visible: what is told is when it was sent. SQS keeps an age of the oldest
 *    message in CloudWatch alone, minutes late, so that `oldest` is unknown;
 *  - whether earlier receives were a worker's or somebody's who looked.
 * By a client of its own, so that none of it counts as the cost of messages.
 */
import { OncectlError } from '../../../engine/errors.js';
import type { BrokerUpkeep, QueuedCopy } from '../../../engine/upkeep.js';
import { letterOf } from './dead-letters.js';
import type { Where } from './queues.js';
import type { Session } from './session.js';
import type { Swept } from './sweep.js';

const leaseSeconds = 60;
const mostCopies = 10_000;
/** Both queues of each: so many sweeps at once. */
const endpointsAtOnce = 16;

type IsWanted = (messageId: string) => boolean;

export class SqsUpkeep implements BrokerUpkeep {
  readonly searching = 'receives';
  readonly #session: Session;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Ends a sweep early once it has `limit` copies. */
  copies(
    endpoints: readonly string[],
    prefix: string,
    limit: number,
  ): Promise<readonly QueuedCopy[]> {
    return this.#run(() => this.#search(endpoints, (id) => id.startsWith(prefix), limit));
  }

  copiesOf(
    endpoints: readonly string[],
    messageIds: ReadonlySet<string>,
  ): Promise<readonly QueuedCopy[]> {
    // Of one message there may be any number of copies: the sweep goes to its end.
    const all = Number.POSITIVE_INFINITY;
    return this.#run(() => this.#search(endpoints, (id) => messageIds.has(id), all));
  }

  async oldest(): Promise<'unknown'> {
    return 'unknown';
  }

  /** Looks for the letter as a redrive does; discards outstanding together share one sweep. */
  discard(endpoint: string, receipt: string): Promise<boolean> {
    return this.#run(() => this.#session.deadLetters.discard(endpoint, receipt));
  }

  /** Waits for what is under way; what comes later is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const { batches, deadLetters, client } = this.#session;
    await Promise.allSettled(this.#underWay);
    await Promise.all([batches.settle(), deadLetters.settle()]);
    client.destroy();
  }

  async #search(
    endpoints: readonly string[],
    isWanted: IsWanted,
    limit: number,
  ): Promise<readonly QueuedCopy[]> {
    const found: QueuedCopy[] = [];
    for (let at = 0; at < endpoints.length && found.length < limit; at += endpointsAtOnce) {
      const some = endpoints.slice(at, at + endpointsAtOnce);
      const sweeps = some.flatMap((endpoint) => [
        this.#sweep(endpoint, 'queue', isWanted, limit),
        this.#sweep(endpoint, 'dead', isWanted, limit),
      ]);
      const outcomes = await Promise.allSettled(sweeps);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        found.push(...outcome.value);
      }
    }
    return found.slice(0, limit);
  }

  async #sweep(
    endpoint: string,
    where: Where,
    isWanted: IsWanted,
    limit: number,
  ): Promise<readonly QueuedCopy[]> {
    const { queues, sweeper } = this.#session;
    const queue = await queues.of(endpoint, where);
    const taken = new Map<string, Swept>();
    const wanted = () => [...taken.values()].filter(({ message }) => isWanted(message.id));
    const isEnough = () => limit < mostCopies && wanted().length >= limit;
    try {
      await sweeper.take(queue, { endpoint, leaseSeconds, mostCopies, isEnough }, taken);
    } finally {
      await sweeper.putBack(queue, taken.values());
    }
    return wanted().map(where === 'dead' ? deadCopy : visibleCopy);
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new OncectlError('aborted', 'the broker is closed', { happened: 'no' });
    }
    const running = operation();
    this.#underWay.add(running);
    return running.finally(() => this.#underWay.delete(running));
  }
}

function visibleCopy({ copyId, message, past, receives, sentAt }: Swept): QueuedCopy {
  return {
    message,
    state: 'visible',
    at: sentAt,
    // Not this one, which is only a look.
    receives: past.receives + receives - 1,
    holder: null,
    failures: past.failures,
    receipt: copyId,
  };
}

function deadCopy(swept: Swept): QueuedCopy {
  const { message, receipt, receives, deadAt, failures } = letterOf(swept);
  return { message, state: 'dead', at: deadAt, receives, holder: null, failures, receipt };
}
