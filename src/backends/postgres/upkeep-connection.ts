/**
 * The connection for what operating asks: made when first needed, again when it was lost. Its
 * statements are rare and each is another one by its parameters, so the server plans every one anew,
 * with all that it may do (parallel scans), and none is prepared.
 */
import type { Client } from 'pg';
import type { Address } from './address.js';
import { closedError, connectTo } from './connection.js';
import { isAnswer, serverError } from './server-error.js';
import type { Row } from './statement.js';

/** A scan of millions of rows takes seconds; what takes longer than this has no end in sight. */
const longestMs = 60_000;
const graceMs = 5_000;

const settings = {
  jit: 'off',
  bytea_output: 'hex',
  default_transaction_isolation: 'read committed',
  statement_timeout: String(longestMs),
};

/** Columns stay as the server prints them, as in the rest of this backend. */
const asPrinted = { getTypeParser: () => (printed: string) => printed };

/** Text and parameters of one statement. */
export interface Query {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export class UpkeepConnection {
  readonly #address: Address;
  readonly #applicationName: string;
  readonly #searchPath: string;
  #client: Promise<Client> | null = null;
  #closed = false;

  /** `searchPath` is an identifier, quoted. */
  constructor(address: Address, applicationName: string, searchPath: string) {
    this.#address = address;
    this.#applicationName = applicationName;
    this.#searchPath = searchPath;
  }

  /** The rows. Rejects with an `OncectlError`; what only reads certainly did not happen. */
  async run({ sql, values }: Query, does: 'reads' | 'writes'): Promise<readonly Row[]> {
    const client = await this.#connected();
    try {
      const { rows } = await client.query({
        ...{ text: sql, values: [...values], rowMode: 'array', types: asPrinted },
        query_timeout: longestMs + graceMs,
      } as { text: string; values: unknown[]; rowMode: 'array' });
      return rows as Row[];
    } catch (error) {
      if (!isAnswer(error)) this.#drop(client);
      throw serverError(error, this.#address.shown, does === 'reads' ? 'no' : 'unknown');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    await client?.end().catch(() => {});
  }

  async #connected(): Promise<Client> {
    if (this.#closed) throw closedError();
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }

  async #connect(): Promise<Client> {
    const client = await connectTo(this.#address, this.#applicationName);
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    const all = Object.entries({ ...settings, search_path: this.#searchPath });
    const calls = all.map((_, at) => `set_config($${at * 2 + 1}, $${at * 2 + 2}, false)`);
    try {
      await client.query(`select ${calls.join(', ')}`, all.flat());
      await client.query(`select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') = 'off'`);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw serverError(error, this.#address.shown, 'no');
    }
  }

  #drop(client: Client): void {
    this.#client = null;
    client.end().catch(() => {});
  }
}
