/**
 * How values become columns: records are MessagePack (bytea), ids and keys are text. PostgreSQL's text
 * cannot hold U+0000, so every text of ours is escaped on its way in and unescaped on its way out; two
 * different texts stay different, and all but odd ones look in `psql` as they are.
 */
import { Packr } from 'msgpackr';
import { checkKeyText } from '../../engine/key-text.js';
import type { Failure, Message } from '../../engine/message.js';
import type { Entry } from '../../engine/ports.js';

const packr = new Packr({ useRecords: false });

/** An index row of PostgreSQL takes 2,704 bytes; the rest is for the endpoint beside the key. */
const longestKeyBytes = 2000;

export function pack(record: unknown): Buffer {
  return packr.pack(record);
}

function unpack<T>(bytes: Buffer): T {
  return packr.unpack(bytes) as T;
}

/** The records that lie one behind another in one value; none for null. */
function unpackAll<T>(hex: string | null | undefined): T[] {
  if (!hex) return [];
  const bytes = fromHex(hex);
  return bytes.length === 0 ? [] : (packr.unpackMultiple(bytes) as T[]);
}

export function unpackHex<T>(hex: string): T {
  return unpack<T>(fromHex(hex));
}

export function unpackMaybe<T>(hex: string | null | undefined): T | null {
  return hex === null || hex === undefined ? null : unpackHex<T>(hex);
}

/** The bytes of a `bytea` as the server prints it: `\x`, then two digits a byte. */
export function fromHex(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

/** The caller may change its bytes before the call is on the wire. */
export function copyOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

export function escapeText(text: string): string {
  if (!text.includes('\\') && !text.includes('\0')) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0');
}

export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/g, (_, mark) => (mark === '0' ? '\0' : mark));
}

/** Refuses an entity key or id that an index could not hold, before anything is written. */
export function checkKey(what: string, key: string): void {
  checkKeyText(what, key, longestKeyBytes, (text) => Buffer.byteLength(escapeText(text)));
}

/** Refuses messages that a queue could not hold as they are; before anything is written. */
export function checkMessages(messages: readonly Message[]): void {
  for (const { id, key } of messages) {
    checkKey('message id', id);
    checkKey('entity key', key);
  }
}

const noBody = new Uint8Array(0);

/** Messages of an entry without their bodies, which lie beside them and are dropped when checked. */
export function packOutgoing(messages: readonly Message[]): { outgoing: Buffer; bodies: Buffer } {
  return {
    outgoing: pack(messages.map((message) => ({ ...message, body: noBody }))),
    bodies: pack(messages.map(({ body }) => body)),
  };
}

export function unpackOutgoing(outgoing: string | null, bodies: string | null): Entry['messages'] {
  const messages = unpackMaybe<Message[]>(outgoing) ?? [];
  const contents = unpackMaybe<Uint8Array[]>(bodies) ?? [];
  return messages.map((message, at) => ({ ...message, body: contents[at] ?? noBody }));
}

export function unpackFailures(hex: string | null | undefined): readonly Failure[] {
  return unpackAll<Failure>(hex);
}
