/**
 * Rows of numbers, all of one width, each kept once and known by its number: the first one is 0.
 * Nothing is copied when the table grows but the slots of one segment: peak memory is what is held.
 */

const rowsPerChunk = 1 << 16;
const segments = 64;
const firstSlots = 64;
/** Slots are doubled when more than this part of them is taken. */
const mostTaken = 0.7;

export class RowTable {
  readonly width: number;
  readonly #chunks: Uint32Array[] = [];
  /** By hash: 1 + the row's number; 0 is free. */
  readonly #slots: Uint32Array[] = [];
  readonly #taken = new Uint32Array(segments);
  #size = 0;

  constructor(width: number) {
    this.width = width;
    for (let index = 0; index < segments; index++) this.#slots.push(new Uint32Array(firstSlots));
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the row that begins at `from`; a new one when `size` has grown. */
  add(words: Uint32Array, from: number): number {
    const mixed = this.#hash(words, from);
    const segment = mixed >>> 26;
    const slots = this.#slots[segment] as Uint32Array;
    const mask = slots.length - 1;
    let at = mixed & mask;
    for (;;) {
      const found = slots[at] as number;
      if (found === 0) break;
      if (this.#equals(found - 1, words, from)) return found - 1;
      at = (at + 1) & mask;
    }
    const index = this.#size++;
    slots[at] = index + 1;
    this.#store(index, words, from);
    const taken = (this.#taken[segment] as number) + 1;
    this.#taken[segment] = taken;
    if (taken > slots.length * mostTaken) this.#grow(segment);
    return index;
  }

  /** Writes the row at `at`. */
  read(index: number, into: Uint32Array, at: number): void {
    const { width } = this;
    const chunk = this.#chunks[index >>> 16] as Uint32Array;
    const from = (index & (rowsPerChunk - 1)) * width;
    for (let word = 0; word < width; word++) into[at + word] = chunk[from + word] as number;
  }

  #store(index: number, words: Uint32Array, from: number): void {
    const { width } = this;
    if (index % rowsPerChunk === 0) this.#chunks.push(new Uint32Array(rowsPerChunk * width));
    const chunk = this.#chunks[index >>> 16] as Uint32Array;
    const at = (index & (rowsPerChunk - 1)) * width;
    for (let word = 0; word < width; word++) chunk[at + word] = words[from + word] as number;
  }

  #equals(index: number, words: Uint32Array, from: number): boolean {
    const { width } = this;
    const chunk = this.#chunks[index >>> 16] as Uint32Array;
    const at = (index & (rowsPerChunk - 1)) * width;
    for (let word = 0; word < width; word++) {
      if (chunk[at + word] !== words[from + word]) return false;
    }
    return true;
  }

  #grow(segment: number): void {
    const old = this.#slots[segment] as Uint32Array;
    const slots = new Uint32Array(old.length * 2);
    const mask = slots.length - 1;
    for (const taken of old) {
      if (taken === 0) continue;
      const index = taken - 1;
      const from = (index & (rowsPerChunk - 1)) * this.width;
      let at = this.#hash(this.#chunks[index >>> 16] as Uint32Array, from) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = taken;
    }
    this.#slots[segment] = slots;
  }

  /** FNV-1a over words, with a last mixing: neighbouring states differ in few low bits. */
  #hash(words: Uint32Array, from: number): number {
    const { width } = this;
    let mixed = 0x811c9dc5;
    for (let word = 0; word < width; word++) {
      mixed = Math.imul(mixed ^ (words[from + word] as number), 0x01000193);
      mixed ^= mixed >>> 15;
    }
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0x5bd1e995);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}
