/** Dedupe records. An expired one counts as absent. */
import type { DedupeRecord, DedupeStore } from '../../engine/ports.js';
import type { Lanes } from './broker.js';
import { checkKey } from './records.js';
import { addRecord, hasRecord } from './statements/dedupe.js';

export class PostgresDedupeStore implements DedupeStore {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  async has(endpoint: string, messageId: string): Promise<boolean> {
    checkKey('message id', messageId);
    return this.#lanes.read.submit(hasRecord, { endpoint, messageId }, 'now');
  }

  async add(endpoint: string, messageId: string, record: DedupeRecord): Promise<void> {
    checkKey('message id', messageId);
    await this.#lanes.write.submit(addRecord, { endpoint, messageId, record }, 'soon');
  }
}
