/**
 * Reads single fields out of packed records (MessagePack, as `records.ts` writes them) where they lie.
 * For searches through a million rows, most of which are none of the search's business: unpacking them
 * would take ten times as long.
 */

/** Bytes that may be longer than the record in them: nothing here reads beyond it. */
type Bytes = Uint8Array;

const scratch = new DataView(new ArrayBuffer(8));

/** Where the value behind the one at `at` begins. */
export function skip(bytes: Bytes, at: number): number {
  const mark = bytes[at] ?? 0;
  if (mark < 0x80 || mark >= 0xe0) return at + 1;
  if (mark < 0x90) return skipAll(bytes, at + 1, (mark & 15) * 2);
  if (mark < 0xa0) return skipAll(bytes, at + 1, mark & 15);
  if (mark < 0xc0) return at + 1 + (mark & 31);
  return skipLong(bytes, at, mark);
}

/** The values behind a one-byte mark, whose lengths follow in one, two or four bytes. */
function skipLong(bytes: Bytes, at: number, mark: number): number {
  switch (mark) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xc4:
    case 0xd9:
      return at + 2 + unsigned(bytes, at + 1, 1);
    case 0xc5:
    case 0xda:
      return at + 3 + unsigned(bytes, at + 1, 2);
    case 0xc6:
    case 0xdb:
      return at + 5 + unsigned(bytes, at + 1, 4);
    case 0xcc:
    case 0xd0:
      return at + 2;
    case 0xcd:
    case 0xd1:
      return at + 3;
    case 0xca:
    case 0xce:
    case 0xd2:
      return at + 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return at + 9;
    case 0xdc:
      return skipAll(bytes, at + 3, unsigned(bytes, at + 1, 2));
    case 0xdd:
      return skipAll(bytes, at + 5, unsigned(bytes, at + 1, 4));
    case 0xde:
      return skipAll(bytes, at + 3, unsigned(bytes, at + 1, 2) * 2);
    case 0xdf:
      return skipAll(bytes, at + 5, unsigned(bytes, at + 1, 4) * 2);
    default:
      throw new Error(`no MessagePack of ours: ${mark} at ${at}`);
  }
}

function skipAll(bytes: Bytes, at: number, count: number): number {
  let next = at;
  for (let left = count; left > 0; left--) next = skip(bytes, next);
  return next;
}

/** Name of a field, packed once for many records. */
export function fieldName(name: string): Buffer {
  return Buffer.from(name);
}

/** Where the value of a field of the map at `at` begins; -1 when the map has no such field. */
export function fieldAt(bytes: Bytes, at: number, name: Buffer): number {
  const mark = bytes[at] ?? 0;
  let next = mark === 0xde ? at + 3 : at + 1;
  for (let left = mark === 0xde ? unsigned(bytes, at + 1, 2) : mark & 15; left > 0; left--) {
    // Names are shorter than 32 bytes: their length lies in the mark.
    const length = (bytes[next] ?? 0) - 0xa0;
    if (length === name.length && liesAt(bytes, next + 1, name)) return next + 1 + length;
    next = skip(bytes, skip(bytes, next));
  }
  return -1;
}

/** Whether `wanted` lies there. */
export function liesAt(bytes: Bytes, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[at + index] !== wanted[index]) return false;
  }
  return true;
}

/** Where the characters of the text at `at` begin, and behind them; both 0 when it is no text. */
export function textAt(bytes: Bytes, at: number): { readonly start: number; readonly end: number } {
  const mark = bytes[at] ?? 0;
  if (mark >= 0xa0 && mark < 0xc0) return { start: at + 1, end: at + 1 + (mark & 31) };
  const lengthBytes = mark === 0xd9 ? 1 : mark === 0xda ? 2 : mark === 0xdb ? 4 : 0;
  if (lengthBytes === 0) return { start: 0, end: 0 };
  const start = at + 1 + lengthBytes;
  return { start, end: start + unsigned(bytes, at + 1, lengthBytes) };
}

/** The number at `at`; NaN when it is none. */
export function numberAt(bytes: Bytes, at: number): number {
  const mark = bytes[at] ?? 0;
  if (mark < 0x80) return mark;
  if (mark >= 0xe0) return mark - 0x100;
  switch (mark) {
    case 0xca:
      return scratchOf(bytes, at + 1, 4).getFloat32(0);
    case 0xcb:
      return scratchOf(bytes, at + 1, 8).getFloat64(0);
    case 0xcc:
      return unsigned(bytes, at + 1, 1);
    case 0xcd:
      return unsigned(bytes, at + 1, 2);
    case 0xce:
      return unsigned(bytes, at + 1, 4);
    case 0xcf:
      return Number(scratchOf(bytes, at + 1, 8).getBigUint64(0));
    case 0xd0:
      return scratchOf(bytes, at + 1, 1).getInt8(0);
    case 0xd1:
      return scratchOf(bytes, at + 1, 2).getInt16(0);
    case 0xd2:
      return scratchOf(bytes, at + 1, 4).getInt32(0);
    case 0xd3:
      return Number(scratchOf(bytes, at + 1, 8).getBigInt64(0));
    default:
      return Number.NaN;
  }
}

function scratchOf(bytes: Bytes, at: number, length: number): DataView {
  for (let index = 0; index < length; index++) scratch.setUint8(index, bytes[at + index] ?? 0);
  return scratch;
}

function unsigned(bytes: Bytes, at: number, length: number): number {
  let value = 0;
  for (let index = 0; index < length; index++) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
