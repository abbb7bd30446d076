/** Payloads: a body's presence is the token. */
import type { PayloadOrigin, PayloadStore } from '../../engine/ports.js';
import type { Lanes } from './broker.js';
import { checkKey, copyOf } from './records.js';
import { deletePayload, getPayload, putPayload } from './statements/payload.js';

export class PostgresPayloadStore implements PayloadStore {
  readonly name: string;
  readonly #lanes: Lanes;

  constructor(lanes: Lanes, schema: string) {
    this.#lanes = lanes;
    this.name = `postgres/${schema}`;
  }

  async put(id: string, body: Uint8Array, origin: PayloadOrigin): Promise<void> {
    checkKey('payload id', id);
    const op = { id, body: copyOf(body), origin, at: Date.now() };
    await this.#lanes.write.submit(putPayload, op, 'at once');
  }

  async get(id: string): Promise<Uint8Array | null> {
    checkKey('payload id', id);
    return this.#lanes.read.submit(getPayload, id, 'now');
  }

  async delete(id: string): Promise<void> {
    checkKey('payload id', id);
    await this.#lanes.write.submit(deletePayload, id, 'soon');
  }
}
