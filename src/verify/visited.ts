/**
 * The states seen so far: rows of numbers in typed arrays, found by hash. A Set of texts holds tens of
 * millions of them in no memory that people have; this holds a state in its row and eight bytes.
 */

const rowsPerChunk = 1 << 16;

export class Visited {
  readonly #width: number;
  readonly #chunks: Uint32Array[] = [];
  #table = new Int32Array(1 << 16).fill(-1);
  #parents = new Int32Array(1 << 16);
  #size = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get size(): number {
    return this.#size;
  }

  /** The row's number, and whether it is new. */
  add(row: Uint32Array, parent: number): { index: number; isNew: boolean } {
    const mask = this.#table.length - 1;
    let at = hash(row) & mask;
    for (;;) {
      const found = this.#table[at] as number;
      if (found < 0) break;
      if (this.#equals(found, row)) {
        answer.index = found;
        answer.isNew = false;
        return answer;
      }
      at = (at + 1) & mask;
    }
    const index = this.#size++;
    this.#table[at] = index;
    this.#store(index, row, parent);
    if (this.#size * 2 > this.#table.length) this.#grow();
    answer.index = index;
    answer.isNew = true;
    return answer;
  }

  read(index: number, into: Uint32Array): void {
    const from = (index % rowsPerChunk) * this.#width;
    into.set(this.#chunk(index).subarray(from, from + this.#width));
  }

  /** The state this one was first reached from; -1 for the beginning. */
  parent(index: number): number {
    return this.#parents[index] as number;
  }

  #chunk(index: number): Uint32Array {
    return this.#chunks[Math.floor(index / rowsPerChunk)] as Uint32Array;
  }

  #store(index: number, row: Uint32Array, parent: number): void {
    if (index % rowsPerChunk === 0) this.#chunks.push(new Uint32Array(rowsPerChunk * this.#width));
    this.#chunk(index).set(row, (index % rowsPerChunk) * this.#width);
    if (index >= this.#parents.length) {
      const larger = new Int32Array(this.#parents.length * 2);
      larger.set(this.#parents);
      this.#parents = larger;
    }
    this.#parents[index] = parent;
  }

  #equals(index: number, row: Uint32Array): boolean {
    const chunk = this.#chunk(index);
    const from = (index % rowsPerChunk) * this.#width;
    for (let at = 0; at < this.#width; at++) if (chunk[from + at] !== row[at]) return false;
    return true;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2).fill(-1);
    const mask = table.length - 1;
    const row = new Uint32Array(this.#width);
    for (let index = 0; index < this.#size; index++) {
      this.read(index, row);
      let at = hash(row) & mask;
      while ((table[at] as number) >= 0) at = (at + 1) & mask;
      table[at] = index;
    }
    this.#table = table;
  }
}

/** Handed out again and again: what `add` answers is read at once. */
const answer = { index: 0, isNew: false };

/** FNV-1a over words, with a last mixing: neighbouring states differ in few low bits. */
function hash(row: Uint32Array): number {
  let mixed = 0x811c9dc5;
  for (let at = 0; at < row.length; at++) {
    mixed = Math.imul(mixed ^ (row[at] as number), 0x01000193);
    mixed ^= mixed >>> 15;
  }
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x5bd1e995);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
