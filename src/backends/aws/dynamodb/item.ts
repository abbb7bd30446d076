/**
 * What an item is made of, and how much of a table it takes. Sizes are DynamoDB's own: names and
 * values in UTF-8, so that what does not fit is refused before anything is sent.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Packr } from 'msgpackr';
import { OncectlError } from '../../../engine/errors.js';

export type Item = Readonly<Record<string, AttributeValue>>;

/** The largest item that a table takes, bytes. */
const largestItem = 400 * 1024;

/** Plain MessagePack without extension types, so that any language can read it. */
const packr = new Packr({ useRecords: false });

export function text(value: string): AttributeValue.SMember {
  return { S: value };
}

export function number(value: number): AttributeValue.NMember {
  return { N: String(value) };
}

export function binary(value: Uint8Array): AttributeValue.BMember {
  return { B: value };
}

export function packed(value: unknown): AttributeValue.BMember {
  return { B: packr.pack(value) };
}

export function textOf(value: AttributeValue | undefined): string | null {
  return value?.S ?? null;
}

export function numberOf(value: AttributeValue | undefined): number | null {
  return value?.N === undefined ? null : Number(value.N);
}

export function unpacked<T>(value: AttributeValue | undefined): T | null {
  return value?.B === undefined ? null : (packr.unpack(value.B) as T);
}

/** Bytes of an item as the service counts them; numbers by their upper bound. */
export function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + size(value);
  return bytes;
}

function size(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.min(21, Math.ceil(value.N.length / 2) + 1);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.M === undefined) return 1;
  return 3 + sizeOf(value.M) + Object.keys(value.M).length;
}

/** Refuses what no item can hold, before the call. `what` is a noun phrase. */
export function checkSize(what: string, about: string, bytes: number): void {
  if (bytes > largestItem) throw tooLarge(what, about, `has ${bytes} bytes`);
}

export function tooLarge(what: string, about: string, detail: string): OncectlError {
  const most = `a DynamoDB item holds ${largestItem}`;
  return new OncectlError('too-large', `${what} ${detail}; ${most}`, {
    about,
    happened: 'no',
    hint: 'keep less in the state, send fewer or smaller messages, or use a store without that limit',
  });
}
