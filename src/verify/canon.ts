/**
 * The order that makes equal worlds equal rows. Workers are alike, repairs are alike, copies are alike,
 * and so are the ids that were minted: rows that differ in their order or in these names alone stand for
 * one world. A worker and a repair are not alike: the one can receive, the other can begin on an entry.
 * So each class keeps its part of the row. This sorts workers by what their program is about to do and by
 * copy, repairs by program alone, then names the ids (`naming.ts`), then sorts copies by content and by
 * who points at them. Where a tie is broken one way here and the other
 * way there, two rows remain for one world: more work, no less is seen.
 */
import type { Automaton } from './automaton.js';
import { holderOf, type Layout, messageOf } from './layout.js';
import type { World } from './moves.js';
import type { Naming } from './naming.js';

type Row = Uint32Array;

/** Of which a key can tell so many apart, below what a number is exact for. */
const mostPlaces = 2 ** 21;

export class Canon {
  readonly #layout: Layout;
  readonly #automaton: Automaton;
  readonly #naming: Naming | null;
  readonly #keys: Float64Array;
  readonly #order: number[];
  readonly #copyKeys: Float64Array;
  readonly #copyOrder: number[];
  readonly #new: Uint32Array;
  readonly #copy: Row;

  constructor({ layout, automaton, naming, isRenamed }: World) {
    const { actors, copies } = layout;
    this.#layout = layout;
    this.#automaton = automaton;
    this.#naming = isRenamed ? naming : null;
    this.#keys = new Float64Array(actors);
    this.#order = new Array(actors).fill(0);
    this.#copyKeys = new Float64Array(copies);
    this.#copyOrder = new Array(copies).fill(0);
    this.#new = new Uint32Array(1 + Math.max(actors, copies));
    this.#copy = new Uint32Array(layout.width);
  }

  /** Sorts `row` in place; answers it. */
  sort(row: Row): Row {
    if (!this.#areActorsSorted(row)) this.#sortActors(row);
    if (this.#naming?.rename(row) && !this.#areActorsSorted(row)) this.#sortActors(row);
    if (!this.#areCopiesSorted(row)) this.#sortCopies(row);
    return row;
  }

  /** Whether `row` stands for the world of `sorted`, however ties were broken: tries orders and names. */
  areAlike(row: Row, sorted: Row): boolean {
    const first = this.sort(row.slice());
    if (equal(first, sorted)) return true;
    const nonces = this.#naming ? 32 - Math.clz32(this.#naming.mask(first)) : 0;
    for (const order of ordersOf(this.#layout)) {
      for (const names of permutations(nonces)) {
        const other = first.slice();
        this.#reorder(other, order);
        this.#naming?.apply(other, names);
        if (equal(this.sort(other), sorted)) return true;
      }
    }
    return false;
  }

  #areActorsSorted(row: Row): boolean {
    const { workers, actors, firstPlace, firstPointer, firstCopy } = this.#layout;
    let isSorted = true;
    let before = -1;
    for (let actor = 0; actor < actors; actor++) {
      const pointer = row[firstPointer + actor] as number;
      const copy = pointer === 0 ? 0 : (row[firstCopy + pointer - 1] as number);
      const place = row[firstPlace + actor] as number;
      const shape = this.#naming ? this.#automaton.shape(place) : place;
      const claim = copy === 0 ? 0 : this.#claim(row, copy, pointer, actor + 1);
      const key = (shape * 4096 + claim) * mostPlaces + place;
      this.#keys[actor] = key;
      if (key < before && actor !== workers) isSorted = false;
      before = key;
    }
    return isSorted;
  }

  /** The message of the copy that a worker points at, whose lease it is, and who else points at it. */
  #claim(row: Row, copy: number, pointer: number, worker: number): number {
    const { workers, firstPointer } = this.#layout;
    const holder = holderOf(this.#layout, copy);
    const lease = holder === 0 ? 0 : holder === worker ? 1 : 2;
    let pointing = 0;
    for (let one = 0; one < workers; one++) if (row[firstPointer + one] === pointer) pointing++;
    return 1 + (messageOf(this.#layout, copy) * 3 + lease) * 8 + Math.min(pointing, 7);
  }

  #sortActors(row: Row): void {
    const { workers, actors } = this.#layout;
    sortBy(this.#order, this.#keys, 0, workers);
    sortBy(this.#order, this.#keys, workers, actors);
    this.#reorder(row, this.#order);
  }

  #reorder(row: Row, order: readonly number[]): void {
    const { actors, firstPlace, firstPointer, firstCopy, copies } = this.#layout;
    const before = this.#copy;
    before.set(row);
    for (let index = 0; index < actors; index++) {
      const old = order[index] as number;
      this.#new[old + 1] = index + 1;
      row[firstPlace + index] = before[firstPlace + old] as number;
      row[firstPointer + index] = before[firstPointer + old] as number;
    }
    for (let index = 0; index < copies; index++) {
      const copy = row[firstCopy + index] as number;
      if (copy === 0) continue;
      const holder = holderOf(this.#layout, copy);
      if (holder > 0) row[firstCopy + index] = copy - holder + (this.#new[holder] as number);
    }
  }

  #areCopiesSorted(row: Row): boolean {
    const { workers, firstPointer, firstCopy, copies } = this.#layout;
    for (let index = 0; index < copies; index++) {
      this.#copyKeys[index] = (row[firstCopy + index] as number) * 2 ** workers;
    }
    for (let worker = 0; worker < workers; worker++) {
      const pointer = row[firstPointer + worker] as number;
      if (pointer > 0)
        this.#copyKeys[pointer - 1] = (this.#copyKeys[pointer - 1] as number) + (1 << worker);
    }
    for (let index = 1; index < copies; index++) {
      if ((this.#copyKeys[index - 1] as number) > (this.#copyKeys[index] as number)) return false;
    }
    return true;
  }

  #sortCopies(row: Row): void {
    const { workers, firstPointer, firstCopy, copies } = this.#layout;
    sortBy(this.#copyOrder, this.#copyKeys, 0, copies);
    const before = this.#copy;
    before.set(row);
    for (let index = 0; index < copies; index++) {
      const old = this.#copyOrder[index] as number;
      this.#new[old + 1] = index + 1;
      row[firstCopy + index] = before[firstCopy + old] as number;
    }
    for (let worker = 0; worker < workers; worker++) {
      const pointer = row[firstPointer + worker] as number;
      if (pointer > 0) row[firstPointer + worker] = this.#new[pointer] as number;
    }
  }
}

/** By insertion, stable: the lists are as long as there are workers, repairs, or copies. */
function sortBy(order: number[], keys: Float64Array, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const key = keys[index] as number;
    let at = index;
    while (at > from && (keys[order[at - 1] as number] as number) > key) {
      order[at] = order[at - 1] as number;
      at--;
    }
    order[at] = index;
  }
}

export function equal(a: Row, b: Row): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** All orders of the workers, with all orders of the repairs behind them. */
function* ordersOf({ workers, actors }: Layout): Generator<number[]> {
  for (const first of permutations(workers)) {
    for (const second of permutations(actors - workers)) {
      yield [...first, ...second.map((repair) => workers + repair)];
    }
  }
}

/** All orders of 0 to `count` - 1. */
function* permutations(count: number): Generator<number[]> {
  if (count === 0) yield [];
  else {
    for (const shorter of permutations(count - 1)) {
      for (let at = 0; at < count; at++) yield shorter.toSpliced(at, 0, count - 1);
    }
  }
}
