/** The messages and entries that a deployment is filled with, and what is to be found among them. */
import { IdSource } from '../../dist/src/engine/ids.js';

const hourMs = 3_600_000;
const body = Buffer.alloc(200, 7);

export const endpoints = Array.from({ length: 15 }, (_, at) => `endpoint-${at + 1}`);
export const entryEndpoint = 'endpoint-1';
export const oldestAsked = 100;

/** How entries lie: an entry's commit follows its message, or those of late messages come first. */
export const shapes = ['in the order of ids', 'against the order of ids'];

/**
 * `count` messages of one hour in batches, the last of which was made a day before: its id begins with
 * six characters that no other one has.
 */
export function* messageBatches(count, size) {
  const [ids, old] = [new IdSource(), new IdSource()];
  const start = Date.now() - hourMs;
  for (let from = 0; from < count; from += size) {
    const length = Math.min(size, count - from);
    yield Array.from({ length }, (_, index) => {
      const at = from + index;
      const ms = start + (at / count) * hourMs;
      const id = at === count - 1 ? old.next(start - 24 * hourMs) : ids.next(ms);
      return messageOf(id, endpoints[at % endpoints.length], at, ms);
    });
  }
}

/** What is asked of the messages. */
export class MessagesAsked {
  early = '';
  late = '';
  alone = '';

  note(batch) {
    if (this.early === '') this.early = batch[0].id;
    this.late = batch.at(-2).id;
    this.alone = batch.at(-1).id;
  }
}

/** `count` entries of one hour, each with one outgoing message, in batches. */
export function* entryBatches(count, size, shape) {
  const [ids, outgoing] = [new IdSource(), new IdSource()];
  const start = Date.now() - hourMs;
  const isAgainst = shape === shapes[1];
  for (let from = 0; from < count; from += size) {
    const length = Math.min(size, count - from);
    yield Array.from({ length }, (_, index) => {
      const at = from + index;
      const made = start + (at / count) * (isAgainst ? 0.5 : 1) * hourMs;
      const messageId = ids.next(made);
      const committedAt = isAgainst ? start + (1 - at / count / 2) * hourMs : made + 100;
      return {
        ...{ messageId, key: `order-${at}`, transaction: outgoing.next(made), step: 'committed' },
        messages: [messageOf(outgoing.next(made), 'next', at, made)],
        ...{ worker: 'worker-1', committedAt },
      };
    });
  }
}

/** What is asked of the entries: the ids of the oldest ones. */
export class EntriesAsked {
  endpoint = entryEndpoint;
  #kept = [];

  note(batch) {
    const times = batch.map(({ messageId, committedAt }) => ({ messageId, committedAt }));
    this.#kept = [...this.#kept, ...times]
      .sort((left, right) => left.committedAt - right.committedAt)
      .slice(0, oldestAsked);
  }

  get oldest() {
    return this.#kept.map(({ messageId }) => messageId);
  }
}

function messageOf(id, endpoint, at, sentAt) {
  const headers = { causedBy: id, transaction: id, intendedAt: sentAt, sentAt };
  return { id, endpoint, type: 'OrderPlaced', key: `order-${at % 10_000}`, body, headers };
}
