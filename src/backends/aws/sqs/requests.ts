/** What was asked of SQS, in the terms of its bill: every attempt is a request, and so is every 64 KiB. */
import type { Attempts } from '../shared/attempts.js';
import { billedChunkBytes } from './limits.js';

/** Since the stores were opened. The first five add up to all requests. */
export interface SqsRequests {
  readonly send: number;
  readonly receive: number;
  readonly delete: number;
  readonly visibility: number;
  /** Attributes, addresses and lists of queues. */
  readonly other: number;
  /** Of the receives: those that brought nothing. */
  readonly emptyReceive: number;
  /** What is billed: a request for each chunk of 64 KiB begun, sent or received. */
  readonly billed: number;
  /** Of all requests: refused because there were too many, and repeated. */
  readonly throttled: number;
  /** Of all requests: failed otherwise. */
  readonly failed: number;
  /** Messages sent, received, deleted, and leases changed. */
  readonly operations: number;
}

/** What only the caller of the SDK knows about its requests. */
export class Carried {
  operations = 0;
  emptyReceives = 0;
  #chunksBeyondFirst = 0;

  /** One request that carried so many messages, of so many bytes together. */
  add(messages: number, bytes: number): void {
    this.operations += messages;
    this.#chunksBeyondFirst += Math.max(0, Math.ceil(bytes / billedChunkBytes) - 1);
  }

  requests(attempts: Attempts): SqsRequests {
    const of = (...commands: string[]) =>
      commands.reduce((sum, name) => sum + (attempts.byCommand[`${name}Command`] ?? 0), 0);
    const send = of('SendMessage', 'SendMessageBatch');
    const receive = of('ReceiveMessage');
    const deleted = of('DeleteMessage', 'DeleteMessageBatch');
    const visibility = of('ChangeMessageVisibility', 'ChangeMessageVisibilityBatch');
    return {
      send,
      receive,
      delete: deleted,
      visibility,
      other: attempts.total - send - receive - deleted - visibility,
      emptyReceive: this.emptyReceives,
      billed: attempts.total + this.#chunksBeyondFirst,
      throttled: attempts.throttled,
      failed: attempts.failed,
      operations: this.operations,
    };
  }
}
