/**
 * Dedupe records for an operator. A whole id costs a read; anything else a scan of the whole table, those
 * of other endpoints included, and a read for each record that is shown.
 */
import type { DedupeRecord } from '../../../engine/ports.js';
import type { DedupeUpkeep, PageQuery, StoredRecord } from '../../../engine/upkeep.js';
import { number, numberOf, text, textOf } from './item.js';
import { checkKey, keyOf, splitKey } from './keys.js';
import { type FoundRow, isWholeId, Listing } from './listing.js';
import { removedUnlessChanged } from './removed.js';
import type { Session } from './session.js';
import type { Table } from './table.js';
import { Update } from './update.js';

export class DynamodbDedupeUpkeep implements DedupeUpkeep {
  readonly #session: Session;
  readonly #table: Table;
  readonly #listing = new Listing<StoredRecord>({
    find: (endpoint, prefix) => this.#find(endpoint, prefix),
    read: (row) => this.#read(row),
  });

  constructor(session: Session, table: Table) {
    this.#session = session;
    this.#table = table;
  }

  async records(endpoint: string, page: PageQuery): Promise<readonly StoredRecord[]> {
    return this.#session.run(() => this.#listing.page(endpoint, page));
  }

  /** One conditional delete. */
  async remove(endpoint: string, messageId: string, { by, at }: DedupeRecord): Promise<boolean> {
    checkKey('message id', messageId);
    const key = keyOf(endpoint, messageId);
    const isTheOne = new Update().whereEquals(['by'], text(by)).whereEquals(['at'], number(at));
    return this.#session.run(() => removedUnlessChanged(this.#table, key, isTheOne));
  }

  async #find(endpoint: string, prefix: string): Promise<readonly FoundRow[]> {
    const start = keyOf(endpoint, prefix);
    const keys = isWholeId(prefix) ? [start] : await this.#table.keys(start);
    return keys.map((key) => ({ id: splitKey(key).rest, key }));
  }

  async #read({ id, key }: FoundRow): Promise<StoredRecord | null> {
    const item = await this.#table.read(key);
    if (item === null) return null;
    const [at, expires] = [numberOf(item['at']) ?? 0, numberOf(item['until']) ?? 0];
    return { messageId: id, record: { by: textOf(item['by']) ?? '', at, expires } };
  }
}
