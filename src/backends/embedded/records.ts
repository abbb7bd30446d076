/**
 * How records lie in the embedded store: plain MessagePack maps, or arrays of them (no extension
 * types), so that any language can read them, under text keys. `ms` in a key is 13 digits, so that keys sort by time.
 */
import { Packr } from 'msgpackr';
import { checkKeyText } from '../../engine/key-text.js';
import type { Message } from '../../engine/message.js';

const packr = new Packr({ useRecords: false });

/** What MessagePack puts before an array of so many parts; 15 is the most that one byte can say. */
const arrayOf = Array.from({ length: 16 }, (_, parts) => Buffer.from([0x90 + parts]));

/** LMDB takes 1,978 bytes; the rest is for the prefix and the ids around a user's key. */
const longestKeyBytes = 1500;

export function pack(record: unknown): Buffer {
  return packr.pack(record);
}

export function unpack<T>(bytes: Buffer): T {
  return packr.unpack(bytes) as T;
}

/** One MessagePack array of parts that are packed already: they are copied as they lie. */
export function joinParts(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([arrayOf[parts.length] as Buffer, ...parts]);
}

/** The first part of an array, and the bytes behind the first `skipped` parts, as they lie. */
export function unpackFirst<T>(
  bytes: Buffer,
  skipped = 1,
): { readonly first: T; readonly rest: Buffer } {
  let first: T | undefined;
  let seen = 0;
  let border = 0;
  packr.unpackMultiple(bytes.subarray(1), (value: T, _start, end = 0) => {
    if (seen === 0) first = value;
    seen++;
    border = end + 1;
    return seen < skipped;
  });
  return { first: first as T, rest: bytes.subarray(border) };
}

export function unpackMaybe<T>(bytes: Buffer | undefined): T | null {
  return bytes === undefined ? null : (packr.unpack(bytes) as T);
}

/** `endpoint/rest`. Endpoint names hold no slash, so the first one ends the name. */
export function keyOf(endpoint: string, rest: string): string {
  return `${endpoint}/${rest}`;
}

/** Refuses an entity key or id that the store could not hold, before anything is written. */
export function checkKey(what: string, key: string): void {
  checkKeyText(what, key, longestKeyBytes);
}

/** Every key of `endpoint`, as a range: '0' is the character after '/'. */
export function rangeOf(endpoint: string): { readonly start: string; readonly end: string } {
  return { start: `${endpoint}/`, end: `${endpoint}0` };
}

/** Refuses messages that a queue could not hold as they are; before anything is written. */
export function checkMessages(messages: readonly Message[]): void {
  for (const { id, key } of messages) {
    checkKey('message id', id);
    checkKey('entity key', key);
  }
}

export function msText(ms: number): string {
  return Math.max(0, Math.ceil(ms)).toString().padStart(13, '0');
}
