/** Dedupe records: `records`, endpoint/message id -> DedupeRecord. An expired one counts as absent. */
import type { Database } from 'lmdb';
import type { DedupeRecord, DedupeStore } from '../../engine/ports.js';
import type { Env } from './env.js';
import { checkKey, keyOf, pack, unpackMaybe } from './records.js';

export class EmbeddedDedupeStore implements DedupeStore {
  readonly records: Database<Buffer, string>;
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
    this.records = env.table('records');
  }

  async has(endpoint: string, messageId: string): Promise<boolean> {
    checkKey('message id', messageId);
    const found = this.#env.read(() => this.records.get(keyOf(endpoint, messageId)));
    const record = unpackMaybe<DedupeRecord>(found);
    return record !== null && record.expires > Date.now();
  }

  async add(endpoint: string, messageId: string, record: DedupeRecord): Promise<void> {
    checkKey('message id', messageId);
    const key = keyOf(endpoint, messageId);
    const row = pack(record);
    await this.#env.write(() => void this.records.put(key, row), 'soon');
  }
}
