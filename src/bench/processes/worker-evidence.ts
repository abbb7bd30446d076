/**
 * Arrivals, written before anything is done with a message. One whose body lies in a payload store is
 * written when the body was fetched, its first step that does anything; absent bodies count as seen.
 */
import { EvidenceWriter } from '../../audit/writer.js';
import { hashOf } from '../../engine/evidence.js';
import type { Delivery, Message } from '../../engine/message.js';

/** Hash of a body that was not there to be read: the copy of a consumed message. */
const unread = '?';

export class WorkerEvidence {
  readonly #arrivals: EvidenceWriter;
  readonly #injected: EvidenceWriter;

  constructor(folder: string, worker: string) {
    this.#arrivals = new EvidenceWriter(folder, 'arrivals', worker);
    this.#injected = new EvidenceWriter(folder, 'injected', worker);
  }

  received(deliveries: readonly Delivery[]): void {
    const whole = deliveries.filter(({ message }) => message.headers.payload === undefined);
    this.#arrivals.arrivals(whole.map(({ message }) => arrival(message, hashOf(message.body))));
  }

  fetched({ message }: Delivery, body: Uint8Array | null): void {
    this.#arrivals.arrivals([arrival(message, body === null ? unread : hashOf(body))]);
  }

  duplicated({ endpoint, id }: Message): void {
    this.#injected.injected([{ endpoint, messageId: id, what: 'duplicate' }]);
  }
}

function arrival(message: Message, hash: string) {
  const { endpoint, id: messageId, headers } = message;
  const { payload, transaction = null } = headers;
  return { endpoint, messageId, transaction, hash, ...(payload ? { payload: payload.id } : {}) };
}
