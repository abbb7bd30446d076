/**
 * Connections to the database of one foreign outbox, made when they are needed. Nothing is set on a
 * connection that outlives a transaction, so that a pooler between does no harm.
 */
import type { Client } from 'pg';
import { type Happened, OncectlError } from '../../engine/errors.js';
import { foreignError } from './errors.js';

/** As many rows as can be taken at a time. */
const most = 8;

/** Times without a zone are UTC, as these libraries write them; no function but PostgreSQL's own. */
const settings = `set local time zone 'UTC'; set local search_path = pg_catalog;
  set local statement_timeout = '30s'`;

export interface Transaction {
  readonly client: Client;
  /** Rejects with the server's error; the transaction is over either way. Twice is no error. */
  end(how: 'commit' | 'rollback'): Promise<void>;
}

export class Sessions {
  readonly #connect: () => Promise<Client>;
  readonly #about: string;
  readonly #idle: Client[] = [];
  readonly #lent = new Set<Client>();
  readonly #waiting: (() => void)[] = [];
  /** Connections that are there or being made. */
  #open = 0;
  #closed = false;

  /** `about` names the outbox in errors. */
  constructor(connect: () => Promise<Client>, about: string) {
    this.#connect = connect;
    this.#about = about;
  }

  /** Runs `work` in a transaction in which the server refuses to write. */
  async read<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const transaction = await this.begin('read only');
    try {
      return await work(transaction.client);
    } catch (error) {
      throw this.named(error, 'no');
    } finally {
      await transaction.end('rollback').catch(() => {});
    }
  }

  /** A transaction on a connection of its own; waits for one when all are in use. */
  async begin(mode: 'read only' | 'read write'): Promise<Transaction> {
    const client = await this.#borrow();
    let over = false;
    const end = async (how: 'commit' | 'rollback'): Promise<void> => {
      if (over) return;
      over = true;
      try {
        await client.query(how);
      } catch (error) {
        this.#discard(client);
        throw this.named(error, how === 'commit' ? 'unknown' : 'no');
      }
      this.#giveBack(client);
    };
    try {
      await client.query(`begin isolation level read committed ${mode}; ${settings}`);
    } catch (error) {
      over = true;
      this.#discard(client);
      throw this.named(error, 'no');
    }
    return { client, end };
  }

  named(error: unknown, sent: Happened): OncectlError {
    return foreignError(error, this.#about, sent);
  }

  /** Ends all connections; what was going on in one is rolled back. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    const all = [...this.#idle.splice(0), ...this.#lent];
    await Promise.all(all.map((client) => client.end().catch(() => {})));
  }

  async #borrow(): Promise<Client> {
    while (!this.#closed && this.#idle.length === 0 && this.#open >= most) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
    if (this.#closed) {
      throw new OncectlError('unreachable', 'the outbox is closed', { about: this.#about });
    }
    const client = this.#idle.pop() ?? (await this.#make());
    this.#lent.add(client);
    return client;
  }

  async #make(): Promise<Client> {
    this.#open++;
    try {
      const client = await this.#connect();
      client.on('error', () => this.#forget(client));
      return client;
    } catch (error) {
      this.#freed();
      throw this.named(error, 'no');
    }
  }

  #giveBack(client: Client): void {
    if (this.#closed) {
      this.#discard(client);
      return;
    }
    this.#lent.delete(client);
    this.#idle.push(client);
    this.#waiting.shift()?.();
  }

  /** What becomes of its transaction is the server's business: it rolls back. */
  #discard(client: Client): void {
    this.#lent.delete(client);
    client.end().catch(() => {});
    this.#freed();
  }

  /** An idle connection that the server ended. */
  #forget(client: Client): void {
    const at = this.#idle.indexOf(client);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#freed();
  }

  #freed(): void {
    this.#open--;
    this.#waiting.shift()?.();
  }
}
