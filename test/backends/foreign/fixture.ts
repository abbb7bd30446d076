/** A schema of one's own on the server of the tests, and outboxes opened on it. */
import { Client } from 'pg';
import { type ForeignSource, openForeignOutbox } from '../../../src/backends/foreign/index.js';
import { addressOf } from '../../../src/backends/postgres/address.js';
import { connectTo } from '../../../src/backends/postgres/connection.js';
import type { ForeignOutbox } from '../../../src/engine/foreign.js';
import { freshSchema, urlOf } from '../postgres-fixtures.js';

export class ForeignSchema {
  readonly schema = freshSchema();
  readonly client = new Client({ connectionString: urlOf() });
  readonly #opened: ForeignOutbox[] = [];

  static async create(): Promise<ForeignSchema> {
    const made = new ForeignSchema();
    await made.client.connect();
    await made.client.query(`create schema ${made.schema}`);
    return made;
  }

  open(source: ForeignSource, { name = 'foreign', url = urlOf() } = {}): ForeignOutbox {
    const address = addressOf(url);
    const outbox = openForeignOutbox({
      ...{ name, source, shown: address.shown },
      connect: () => connectTo(address, 'test'),
    });
    this.#opened.push(outbox);
    return outbox;
  }

  async remove(): Promise<void> {
    for (const outbox of this.#opened) await outbox.close();
    await this.client.query(`drop schema ${this.schema} cascade`);
    await this.client.end();
  }
}

/** Everything that `list` lists, page by page. */
export async function listed(outbox: ForeignOutbox, olderThan: number, limit = 2) {
  const all = [];
  for (let after: string | null = null; ; ) {
    const page = await outbox.list({ olderThan, after, limit });
    all.push(...page);
    after = page.at(-1)?.cursor ?? null;
    if (page.length < limit) return all;
  }
}
