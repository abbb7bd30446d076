/**
 * Ids: 26 characters of Crockford base32, sortable by time (the layout of a ULID): 10 for the
 * millisecond, 16 of which the first 10 are this process's and the last 6 count. Unique over
 * processes without talking to them; never restarts, because the process part is drawn anew.
 */
import { randomBytes } from 'node:crypto';

/** Crockford's base32, lowest first. */
export const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const countLimit = 32 ** 6;

/** Makes ids that rise strictly within one process, also when the clock is set back. */
export class IdSource {
  readonly #process: string;
  #lastMs = 0;
  #prefix = '';
  #count = 0;

  constructor(process: string = randomText(10)) {
    this.#process = process;
  }

  next(now: number = Date.now()): string {
    const ms = Math.floor(now);
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.#count = 0;
      this.#prefix = encode(ms, 10) + this.#process;
    } else if (this.#count >= countLimit) {
      this.#lastMs += 1;
      this.#count = 0;
      this.#prefix = encode(this.#lastMs, 10) + this.#process;
    }
    return this.#prefix + encode(this.#count++, 6);
  }
}

/** The millisecond in which an id was made, or 0 when it is not one of ours. */
export function idTime(id: string): number {
  if (id.length !== 26) return 0;
  let ms = 0;
  for (let index = 0; index < 10; index++) {
    const digit = digits.indexOf(id.charAt(index));
    if (digit < 0) return 0;
    ms = ms * 32 + digit;
  }
  return ms;
}

/** `length` characters of `value` in Crockford base32, most significant first. */
export function encode(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < length; index++) {
    text = digits.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function randomText(length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += digits.charAt(byte % 32);
  return text;
}
