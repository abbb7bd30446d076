/** How a message from outside enters a deployment, so that a sender's retry makes no second one. */
import type { Message, PayloadReference } from './message.js';
import type { Ports } from './ports.js';
import type { Protocol } from './protocols/index.js';

/**
 * Sends messages the way their receiver's protocol needs it (design, section 5): with a token, the
 * payload is put first; into an island, through the entry record; otherwise as they are.
 *
 * Repeat `enter` with the same message until it resolves. With tokens a retry must bring the same
 * payload, for a second one would be a second right to be handled: an entrance remembers the payload
 * of every message that it has put and not yet sent. A put that failed is not repeated under its id; the
 * next attempt takes a new one, and no message ever names the old. What an entrance remembers ends with
 * the process: with tokens, a sender that died between put and answer cannot retry.
 */
export class Entrance {
  readonly #ports: Ports;
  readonly #newId: () => string;
  readonly #put = new Map<string, PayloadReference>();

  constructor(ports: Ports, newId: () => string) {
    this.#ports = ports;
    this.#newId = newId;
  }

  /** Resolves when the message is durably in. Rejects with the store's error. */
  async enter(protocol: Protocol, message: Message): Promise<void> {
    const { island, broker } = this.#ports;
    if (protocol.recognisesBy === 'transaction' && island) return island.enter([message]);
    if (protocol.recognisesBy !== 'token') return broker.send([message]);
    const payload = await this.#payloadOf(message);
    const headers = { ...message.headers, payload };
    await broker.send([{ ...message, body: new Uint8Array(0), headers }]);
    this.#put.delete(message.id);
  }

  async #payloadOf(message: Message): Promise<PayloadReference> {
    const known = this.#put.get(message.id);
    if (known) return known;
    const id = this.#newId();
    const origin = { endpoint: '', messageId: message.id, attempt: id };
    await this.#ports.payload.put(id, message.body, origin);
    const payload = { id, store: this.#ports.payload.name };
    this.#put.set(message.id, payload);
    return payload;
  }
}
