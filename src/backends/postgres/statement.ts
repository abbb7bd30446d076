/**
 * One SQL action, its parameters beside it: a statement carries any number of operations in one call,
 * a column of each as an array. `statements/` has one a file.
 */
import type { OncectlError } from '../../engine/errors.js';

/** Columns as the server prints them. */
export type Row = readonly (string | null)[];

export type Value = Buffer | string | null;

export interface Statement<Op, Result> {
  /** Unique; the statement is prepared under it on each connection. */
  readonly name: string;
  readonly sql: string;
  /**
   * What two operations of one call must not share (an entity, an entry, a copy): the later one waits
   * for the next round trip.
   */
  keysOf?(op: Op): readonly string[];
  /** Rows are locked in this order, so that no two round trips wait for one another. */
  order?(op: Op): string;
  /** About how many bytes the operation sends or fetches; for large ones alone. */
  weigh?(op: Op): number;
  /** A call that runs before this one, in the same round trip; `bind` may find it needless. */
  readonly prelude?: Prelude<Op>;
  /** The parameters of one call, right before it is sent. */
  bind(ops: readonly Op[]): readonly Value[];
  /** The result of each operation. An `OncectlError` is that operation's own rejection. */
  read(ops: readonly Op[], rows: readonly Row[]): readonly (Result | OncectlError)[];
  /** The call failed: nothing of `bind` holds. */
  failed?(ops: readonly Op[]): void;
}

export interface Prelude<Op> {
  readonly name: string;
  readonly sql: string;
  bind(ops: readonly Op[]): readonly Value[] | null;
}

/** For statements whose operations have nothing to tell. */
export function nothing(ops: readonly unknown[]): undefined[] {
  return new Array(ops.length).fill(undefined);
}

/** Rows that begin with the position of their operation, counted from 1, laid out by position. */
export function byPosition(ops: readonly unknown[], rows: readonly Row[]): (Row | undefined)[] {
  const found: (Row | undefined)[] = new Array(ops.length).fill(undefined);
  for (const row of rows) found[Number(row[0]) - 1] = row;
  return found;
}
