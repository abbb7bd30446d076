/** Values as small integers: equal values share one, so that a state of the world is a row of numbers. */
import { maskOf, noncesIn, type Renaming, renamed } from './names.js';

export class Interner<T> {
  /** By number, bit n: the value mentions a transaction or payload with nonce n. */
  readonly masks: number[] = [];
  /** Whether any value mentions a nonce. */
  hasNonces = false;
  readonly #byText = new Map<string, number>();
  readonly #values: T[] = [];
  readonly #nonces: Array<readonly number[]> = [];
  readonly #first: Array<readonly number[]> = [];
  readonly #inOrder: (value: T) => T;
  readonly #firstOf: (value: T) => unknown;

  /**
   * `inOrder`: what stands in the order of its names, put in order again. `firstOf`: the part whose
   * order does not depend on names.
   */
  constructor(
    inOrder: (value: T) => T = (value) => value,
    firstOf: (value: T) => unknown = (value) => value,
  ) {
    this.#inOrder = inOrder;
    this.#firstOf = firstOf;
  }

  /** The number of this value; the first one asked for is 0. */
  intern(value: T): number {
    const text = JSON.stringify(value);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const id = this.#values.length;
    const nonces = noncesIn(text);
    this.#byText.set(text, id);
    this.#values.push(value);
    this.#nonces.push(nonces);
    this.#first.push(noncesIn(JSON.stringify(this.#firstOf(value))));
    this.masks.push(maskOf(nonces));
    this.hasNonces ||= nonces.length > 0;
    return id;
  }

  /** The number of the same value under other names. */
  rename(id: number, to: Renaming): number {
    return this.intern(this.#inOrder(renamed(this.value(id), to)));
  }

  value(id: number): T {
    return this.#values[id] as T;
  }

  /** The nonces of its first part, in the order in which they are mentioned. */
  nonces(id: number): readonly number[] {
    return this.#first[id] as readonly number[];
  }

  /** All nonces that the value mentions, in order. */
  allNonces(id: number): readonly number[] {
    return this.#nonces[id] as readonly number[];
  }
}
