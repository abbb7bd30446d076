/** A list of numbers that grows by chunks: nothing is copied, four bytes a number. */

const perChunk = 1 << 16;

export class NumberList {
  readonly #chunks: Int32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++;
    if (at % perChunk === 0) this.#chunks.push(new Int32Array(perChunk));
    (this.#chunks[at >>> 16] as Int32Array)[at & (perChunk - 1)] = value;
  }

  at(index: number): number {
    return (this.#chunks[index >>> 16] as Int32Array)[index & (perChunk - 1)] as number;
  }
}
