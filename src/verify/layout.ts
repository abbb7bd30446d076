/** Where in a state's row which number stands, and the order that makes equal worlds equal rows. */
import { type Scenario, sink } from './scenario.js';

export interface Layout {
  readonly width: number;
  readonly workers: number;
  readonly crashes: number;
  readonly unknowns: number;
  /** The place whose write is on its way though its caller was told of a time-out; 0: none. */
  readonly limbo: number;
  readonly history: number;
  readonly payloads: number;
  /** Dedupe records, by endpoint. */
  readonly records: ReadonlyMap<string, number>;
  /** Entities, by `endpoint/key`; the content before the last write follows when reads may be stale. */
  readonly entities: ReadonlyMap<string, number>;
  readonly staleEntities: boolean;
  /** Two numbers a worker: its place, and 1 + the copy that it holds a receipt of (0: of none). */
  readonly firstWorker: number;
  /** A number a copy: 0 for none, else see `copyNumber`. */
  readonly firstCopy: number;
  readonly copies: number;
}

export function layoutOf(scenario: Scenario): Layout {
  const { endpoints, entered, bounds, stores } = scenario;
  const keys = [...new Set(entered.map(({ key }) => key))];
  const staleEntities =
    stores.business === 'stale' || scenario.wrongs.visibleBeforeDurable === true;
  let at = 5;
  const records = new Map<string, number>();
  const entities = new Map<string, number>();
  for (const { name } of endpoints) records.set(name, at++);
  for (const { name } of endpoints) {
    for (const key of keys) {
      entities.set(`${name}/${key}`, at);
      at += staleEntities ? 2 : 1;
    }
  }
  const firstWorker = at;
  const firstCopy = firstWorker + 2 * bounds.workers;
  const copies =
    entered.length * bounds.copies * endpoints.filter(({ name }) => name !== sink).length;
  return {
    ...{ width: firstCopy + copies, workers: bounds.workers, crashes: 0, unknowns: 1, limbo: 2 },
    ...{
      history: 3,
      payloads: 4,
      records,
      entities,
      staleEntities,
      firstWorker,
      firstCopy,
      copies,
    },
  };
}

/** A copy: its message, and the worker that holds its lease (0: nobody, so it is visible). */
export function copyNumber(layout: Layout, message: number, holder: number): number {
  return 1 + message * (layout.workers + 1) + holder;
}
export function messageOf(layout: Layout, copy: number): number {
  return Math.floor((copy - 1) / (layout.workers + 1));
}
export function holderOf(layout: Layout, copy: number): number {
  return (copy - 1) % (layout.workers + 1);
}

/**
 * Workers are alike, and so are copies: rows that differ in their order alone stand for one world. This
 * sorts workers by place and copy, copies by content and by who points at them. Where a tie is broken
 * one way here and the other way there, two rows remain for one world: more work, no less is seen.
 */
export class Canon {
  readonly #layout: Layout;
  readonly #keys: number[];
  readonly #order: number[];
  readonly #copyKeys: number[];
  readonly #copyOrder: number[];
  readonly #copy: Uint32Array;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#keys = new Array(layout.workers).fill(0);
    this.#order = new Array(layout.workers).fill(0);
    this.#copyKeys = new Array(layout.copies).fill(0);
    this.#copyOrder = new Array(layout.copies).fill(0);
    this.#copy = new Uint32Array(layout.width);
  }

  /** Sorts `row` in place; answers it. */
  sort(row: Uint32Array): Uint32Array {
    this.#sortWorkers(row);
    this.#sortCopies(row);
    return row;
  }

  #sortWorkers(row: Uint32Array): void {
    const { workers, firstWorker, firstCopy, copies } = this.#layout;
    let isSorted = true;
    for (let worker = 0; worker < workers; worker++) {
      const at = firstWorker + 2 * worker;
      const pointer = row[at + 1] as number;
      const copy = pointer === 0 ? 0 : (row[firstCopy + pointer - 1] as number);
      const holds = copy > 0 && holderOf(this.#layout, copy) === worker + 1 ? 1 : 0;
      const content = copy === 0 ? 0 : 1 + messageOf(this.#layout, copy);
      this.#keys[worker] = ((row[at] as number) * 4096 + content) * 2 + holds;
      this.#order[worker] = worker;
      if (worker > 0 && (this.#keys[worker - 1] as number) > (this.#keys[worker] as number)) {
        isSorted = false;
      }
    }
    if (isSorted) return;
    sortBy(this.#order, this.#keys);
    const before = this.#copy;
    before.set(row);
    const place: number[] = [];
    this.#order.forEach((old, index) => {
      place[old + 1] = index + 1;
      row[firstWorker + 2 * index] = before[firstWorker + 2 * old] as number;
      row[firstWorker + 2 * index + 1] = before[firstWorker + 2 * old + 1] as number;
    });
    for (let index = 0; index < copies; index++) {
      const copy = row[firstCopy + index] as number;
      if (copy === 0) continue;
      const holder = holderOf(this.#layout, copy);
      if (holder > 0) row[firstCopy + index] = copy - holder + (place[holder] as number);
    }
  }

  #sortCopies(row: Uint32Array): void {
    const { workers, firstWorker, firstCopy, copies } = this.#layout;
    for (let index = 0; index < copies; index++) {
      this.#copyKeys[index] = (row[firstCopy + index] as number) * 8;
      this.#copyOrder[index] = index;
    }
    for (let worker = 0; worker < workers; worker++) {
      const pointer = row[firstWorker + 2 * worker + 1] as number;
      if (pointer > 0)
        this.#copyKeys[pointer - 1] = (this.#copyKeys[pointer - 1] as number) + (1 << worker);
    }
    let isSorted = true;
    for (let index = 1; index < copies; index++) {
      if ((this.#copyKeys[index - 1] as number) > (this.#copyKeys[index] as number))
        isSorted = false;
    }
    if (isSorted) return;
    sortBy(this.#copyOrder, this.#copyKeys);
    const before = this.#copy;
    before.set(row);
    const place: number[] = [];
    this.#copyOrder.forEach((old, index) => {
      place[old + 1] = index + 1;
      row[firstCopy + index] = before[firstCopy + old] as number;
    });
    for (let worker = 0; worker < workers; worker++) {
      const at = firstWorker + 2 * worker + 1;
      const pointer = row[at] as number;
      if (pointer > 0) row[at] = place[pointer] as number;
    }
  }
}

/** By insertion, stable: the lists are as long as there are workers, or copies. */
function sortBy(order: number[], keys: readonly number[]): void {
  for (let index = 1; index < order.length; index++) {
    const moved = order[index] as number;
    const key = keys[moved] as number;
    let at = index;
    while (at > 0 && (keys[order[at - 1] as number] as number) > key) {
      order[at] = order[at - 1] as number;
      at--;
    }
    order[at] = moved;
  }
}
