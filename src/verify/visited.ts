/**
 * The states seen so far. A row falls into groups of words (what the stores hold, what lies in the
 * queue, where the programs are), and each group takes few values: they are numbered in tables of their
 * own, and a state is kept as two numbers. Nothing is lost: a number stands for one group of words.
 */
import type { Groups } from './layout.js';
import { RowTable } from './row-table.js';

export class Visited {
  readonly #groups: Groups;
  readonly #stores: RowTable;
  readonly #queues: RowTable;
  /** The number of the queue, then the words of the programs. */
  readonly #workers: RowTable;
  readonly #states = new RowTable(2);
  readonly #pair = new Uint32Array(2);
  readonly #control: Uint32Array;

  constructor(groups: Groups) {
    this.#groups = groups;
    this.#stores = new RowTable(groups.queue);
    this.#queues = new RowTable(groups.programs - groups.queue);
    this.#workers = new RowTable(1 + groups.width - groups.programs);
    this.#control = new Uint32Array(this.#workers.width);
  }

  get size(): number {
    return this.#states.size;
  }

  /** The row's number; it is new when `size` has grown. */
  add(row: Uint32Array): number {
    const { queue, programs, width } = this.#groups;
    this.#control[0] = this.#queues.add(row, queue);
    for (let at = programs; at < width; at++) this.#control[1 + at - programs] = row[at] as number;
    this.#pair[0] = this.#workers.add(this.#control, 0);
    this.#pair[1] = this.#stores.add(row, 0);
    return this.#states.add(this.#pair, 0);
  }

  read(index: number, into: Uint32Array): void {
    const { queue, programs, width } = this.#groups;
    this.#states.read(index, this.#pair, 0);
    this.#stores.read(this.#pair[1] as number, into, 0);
    this.#workers.read(this.#pair[0] as number, this.#control, 0);
    this.#queues.read(this.#control[0] as number, into, queue);
    for (let at = programs; at < width; at++) into[at] = this.#control[1 + at - programs] as number;
  }
}
