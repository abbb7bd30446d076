/**
 * Dedupe records: `endpoint/message id` -> by, at, until (ms), and `expires` in seconds, by which the
 * service deletes them within some days. Until then an expired record counts as absent here.
 */
import type { DedupeRecord, DedupeStore } from '../../../engine/ports.js';
import { number, numberOf, text } from './item.js';
import { checkKey, keyOf } from './keys.js';
import type { Session } from './session.js';
import type { Table } from './table.js';

export class DynamodbDedupeStore implements DedupeStore {
  readonly #session: Session;
  readonly #table: Table;

  /** `table` answers with `until` at least. */
  constructor(session: Session, table: Table) {
    this.#session = session;
    this.#table = table;
  }

  async has(endpoint: string, messageId: string): Promise<boolean> {
    checkKey('message id', messageId);
    return this.#session.run(async () => {
      const item = await this.#table.read(keyOf(endpoint, messageId));
      return (numberOf(item?.['until']) ?? 0) > Date.now();
    });
  }

  async add(endpoint: string, messageId: string, record: DedupeRecord): Promise<void> {
    checkKey('message id', messageId);
    await this.#session.run(() =>
      this.#table.put({
        key: text(keyOf(endpoint, messageId)),
        by: text(record.by),
        at: number(record.at),
        until: number(record.expires),
        expires: number(Math.ceil(record.expires / 1000)),
      }),
    );
  }
}
