/**
 * The seeded random source of schedules: sfc32 (Doty-Humphrey's "small fast counter", 128 bits of
 * state, passes PractRand), whose state is drawn from the seed by splitmix32. The same (seed,
 * stream, index) gives the same numbers in every thread, process and release; streams are
 * independent of each other, so drawing from one never moves another.
 */

/** What each stream of numbers is used for. */
export const streams = { arrivals: 1, endpoints: 2, keys: 3, payloads: 4, retries: 5 } as const;

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` is any finite number; `stream` and `index` are whole numbers that tell streams apart. */
  constructor(seed: number, stream = 0, index = 0) {
    const next = splitmix32(wordsOf(seed, stream, index));
    this.#a = next();
    this.#b = next();
    this.#c = next();
    for (let round = 0; round < 12; round++) this.next32();
  }

  /** A whole number, 0 to 2^32 - 1. */
  next32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** At least 0, less than 1, with 53 random bits. */
  nextDouble(): number {
    const high = this.next32() >>> 5;
    const low = this.next32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number, 0 to `limit` - 1. */
  integer(limit: number): number {
    return Math.floor(this.nextDouble() * limit);
  }
}

/** Folds the seed's 64 bits, the stream and the index into one 32-bit start, one after another. */
function wordsOf(seed: number, stream: number, index: number): number {
  const words = new Uint32Array(new Float64Array([seed, index]).buffer);
  let folded = stream >>> 0;
  for (const word of words) folded = mix32(folded ^ word);
  return folded;
}

function splitmix32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix32(state);
  };
}

/** The finalizer of MurmurHash3: every input bit changes every output bit. */
function mix32(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
