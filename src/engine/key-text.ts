/** What every store asks of an entity key or an id before it takes it. */
import { OncectlError } from './errors.js';

/**
 * Refuses, before anything is written, a text that UTF-8 cannot carry (`invalid-message`) or that is
 * longer than the store holds (`too-large`). `lengthOf` is its length as the store writes it, in bytes.
 */
export function checkKeyText(
  what: string,
  key: string,
  mostBytes: number,
  lengthOf: (key: string) => number = Buffer.byteLength,
): void {
  if (/\p{Surrogate}/u.test(key)) {
    throw new OncectlError('invalid-message', `the ${what} is not well-formed Unicode`, {
      about: JSON.stringify(key.slice(0, 40)),
    });
  }
  // No character takes more than four bytes, escaped or not.
  if (key.length <= mostBytes / 4) return;
  const bytes = lengthOf(key);
  if (bytes <= mostBytes) return;
  throw new OncectlError('too-large', `the ${what} has ${bytes} bytes; ${mostBytes} fit`, {
    about: `${key.slice(0, 40)}…`,
  });
}
