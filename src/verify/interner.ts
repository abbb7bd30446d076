/** Values as small integers: equal values share one, so that a state of the world is a row of numbers. */

/** Nonces that one world can tell apart at a time; a bit each in a mask. */
const mostNonces = 30;

export class Interner<T> {
  readonly #byText = new Map<string, number>();
  readonly #values: T[] = [];
  readonly #texts: string[] = [];
  readonly #masks: number[] = [];

  /** The number of this value; the first one asked for is 0. */
  intern(value: T): number {
    const text = JSON.stringify(value);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#byText.set(text, id);
    this.#values.push(value);
    this.#texts.push(text);
    this.#masks.push(noncesIn(text));
    return id;
  }

  value(id: number): T {
    return this.#values[id] as T;
  }

  text(id: number): string {
    return this.#texts[id] as string;
  }

  /** Bit n: the value mentions a transaction or payload with nonce n. */
  mask(id: number): number {
    return this.#masks[id] as number;
  }

  get size(): number {
    return this.#values.length;
  }
}

/** Minted ids are `t3` (a transaction), `t3.0` (its first message), `p3.0` (a payload). */
export function noncesIn(text: string): number {
  let mask = 0;
  for (const [, digits] of text.matchAll(/\b[tp](\d+)/g)) mask |= 1 << Number(digits);
  return mask;
}

/** The smallest nonce that nothing in the world mentions: whatever bore it before is forgotten. */
export function freshNonce(mask: number): number {
  for (let nonce = 0; nonce < mostNonces; nonce++) if (((mask >> nonce) & 1) === 0) return nonce;
  throw new Error(`more than ${mostNonces} ids alive at once: smaller bounds are needed`);
}
