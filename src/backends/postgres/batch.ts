/**
 * Several prepared statements in one round trip and one transaction: they are bound and executed one
 * behind another, and a single Sync at the end commits them all. So an error of one undoes all of
 * them, and what ran before is seen by what runs after.
 */
import type { Connection, Submittable } from 'pg';
import type { Row, Value } from './statement.js';

export interface Call {
  readonly name: string;
  readonly values: readonly Value[];
}

/** What this file uses of pg's connection; its published types lack the half of it. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(query: { name: string; text: string; types: readonly number[] }): void;
  bind(config: { statement: string; values: readonly Value[] }): void;
  execute(config: null): void;
  sync(): void;
}

/** Told once how it ended: the rows of each call, or what went wrong. */
type Ended = (error: unknown, rows: readonly Row[][]) => void;

/** What pg tells a query that it did not make; a round trip of ours ignores the rest. */
abstract class RoundTrip implements Submittable {
  #ended: Ended | null;

  constructor(ended: Ended) {
    this.#ended = ended;
  }

  abstract send(wire: Wire): void;

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    wire.stream.cork();
    this.send(wire);
    wire.sync();
    wire.stream.uncork();
  }

  protected end(error: unknown, rows: readonly Row[][]): void {
    this.#ended?.(error, rows);
    this.#ended = null;
  }

  handleError(error: unknown): void {
    this.end(error, []);
  }

  handleReadyForQuery(): void {
    this.end(null, []);
  }

  handleRowDescription(): void {}
  handleDataRow(_message: { fields: Row }): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

export class Batch extends RoundTrip {
  readonly #calls: readonly Call[];
  readonly #rows: Row[][];
  #at = 0;

  constructor(calls: readonly Call[], ended: Ended) {
    super(ended);
    this.#calls = calls;
    this.#rows = calls.map(() => []);
  }

  send(wire: Wire): void {
    for (const { name, values } of this.#calls) {
      wire.bind({ statement: name, values });
      wire.execute(null);
    }
  }

  override handleDataRow({ fields }: { fields: Row }): void {
    this.#rows[this.#at]?.push(fields);
  }

  override handleCommandComplete(): void {
    this.#at++;
  }

  override handleReadyForQuery(): void {
    this.end(null, this.#rows);
  }
}

/** Has the server read the statements once, so that no batch carries their text. */
export class Preparation extends RoundTrip {
  readonly #statements: readonly { readonly name: string; readonly sql: string }[];

  constructor(
    statements: readonly { readonly name: string; readonly sql: string }[],
    ended: Ended,
  ) {
    super(ended);
    this.#statements = statements;
  }

  send(wire: Wire): void {
    for (const { name, sql } of this.#statements) wire.parse({ name, text: sql, types: [] });
  }
}
