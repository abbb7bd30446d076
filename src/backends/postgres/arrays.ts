/**
 * Arrays as parameters, in PostgreSQL's binary form: a call carries all operations of a round trip as
 * one array a column, and `unnest` makes rows of them. The text form would quote every element and
 * double every byte.
 *
 * An array of nulls alone goes as an empty one: beside longer ones `unnest` fills it up with nulls, and
 * most columns of most calls are of that kind.
 */
import { escapeText } from './records.js';

const oids = { bytea: 17, int8: 20, text: 25, float8: 701 } as const;

/** Dimensions, a flag for nulls, the type of the elements, then length and first index. */
const headerBytes = 20;

export function texts(values: readonly (string | null)[]): Buffer {
  if (values.every(isNull)) return empty(oids.text);
  const escaped = values.map((value) => (value === null ? null : escapeText(value)));
  let size = headerBytes;
  const lengths = escaped.map((value) => {
    const length = value === null ? -1 : Buffer.byteLength(value);
    size += 4 + Math.max(0, length);
    return length;
  });
  const array = header(oids.text, size, values.length);
  let at = headerBytes;
  for (let index = 0; index < escaped.length; index++) {
    at = array.writeInt32BE(lengths[index] ?? -1, at);
    const value = escaped[index];
    if (value !== null && value !== undefined) at += array.write(value, at);
  }
  return array;
}

export function byteas(values: readonly (Uint8Array | null)[]): Buffer {
  if (values.every(isNull)) return empty(oids.bytea);
  let size = headerBytes;
  for (const value of values) size += 4 + (value?.length ?? 0);
  const array = header(oids.bytea, size, values.length);
  let at = headerBytes;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

/** Whole numbers up to 2^53. */
export function bigints(values: readonly number[]): Buffer {
  const array = header(oids.int8, headerBytes + values.length * 12, values.length);
  let at = headerBytes;
  for (const value of values) {
    at = array.writeInt32BE(8, at);
    at = array.writeInt32BE(Math.floor(value / 2 ** 32), at);
    at = array.writeUInt32BE(value >>> 0, at);
  }
  return array;
}

/** Milliseconds since the epoch as the engine has them, fractions and all; null stays null. */
export function doubles(values: readonly (number | null)[]): Buffer {
  if (values.every(isNull)) return empty(oids.float8);
  const present = values.filter((value) => value !== null).length;
  const size = headerBytes + values.length * 4 + present * 8;
  const array = header(oids.float8, size, values.length);
  let at = headerBytes;
  for (const value of values) {
    at = array.writeInt32BE(value === null ? -1 : 8, at);
    if (value !== null) at = array.writeDoubleBE(value, at);
  }
  return array;
}

function isNull(value: unknown): boolean {
  return value === null;
}

/** No dimension, no nulls. */
function empty(oid: number): Buffer {
  const array = Buffer.alloc(12);
  array.writeInt32BE(oid, 8);
  return array;
}

function header(oid: number, size: number, length: number): Buffer {
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(1, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
  return array;
}
