/**
 * The states seen so far. A row falls into groups of words (what the stores hold, what lies in the
 * queue, where the programs are), and each group takes few values: they are numbered in tables of their
 * own, and a state is kept as three numbers. Nothing is lost: a number stands for one group of words.
 */
import type { Groups } from './layout.js';
import { RowTable } from './row-table.js';

type Row = Uint32Array;

/** The words of one group. */
interface Group {
  readonly from: number;
  readonly to: number;
  readonly table: RowTable;
}

export class Visited {
  readonly #groups: readonly [Group, Group, Group];
  readonly #states = new RowTable(3);
  readonly #state = new Uint32Array(3);
  /** The row that was read last, and the numbers of its groups: most rows to come share some of them. */
  readonly #last: Row;
  readonly #lastState = new Uint32Array(3);
  #hasLast = false;

  constructor({ queue, programs, width }: Groups) {
    this.#groups = [groupOf(0, queue), groupOf(queue, programs), groupOf(programs, width)];
    this.#last = new Uint32Array(width);
  }

  get size(): number {
    return this.#states.size;
  }

  /** The row's number; it is new when `size` has grown. */
  add(row: Row): number {
    for (let index = 0; index < 3; index++) {
      const group = this.#groups[index] as Group;
      const isLast = this.#hasLast && this.#isLast(row, group);
      const number = isLast ? this.#lastState[index] : group.table.add(row, group.from);
      this.#state[index] = number as number;
    }
    return this.#states.add(this.#state, 0);
  }

  read(index: number, into: Row): void {
    this.#states.read(index, this.#lastState, 0);
    for (let at = 0; at < 3; at++) {
      const { table, from } = this.#groups[at] as Group;
      table.read(this.#lastState[at] as number, into, from);
    }
    this.#last.set(into);
    this.#hasLast = true;
  }

  #isLast(row: Row, { from, to }: Group): boolean {
    for (let at = from; at < to; at++) if (row[at] !== this.#last[at]) return false;
    return true;
  }
}

function groupOf(from: number, to: number): Group {
  return { from, to, table: new RowTable(to - from) };
}
