/**
 * Names of objects. A part of a name is an endpoint, a key or an id, encoded so that different ones
 * never meet and that every S3, console and shell takes it: letters, digits, `-` and `_` stay, every
 * other byte of its UTF-8 is `!hh`. A part that grows too long is `!!` and its SHA-256; the object then
 * says itself what it is called (1,024 bytes are S3's limit for a whole name).
 *
 *  PREFIX/entities/ENDPOINT/KEY                           the entity with its entries, slot, registry
 *  PREFIX/pending/ENDPOINT/MESSAGE/KEY/VERSION-KIND       marker of an entry or a slot (`markers.ts`)
 *  PREFIX/records/ENDPOINT/KEY/VERSION/TRANSACTION        staged commit record (`staging.ts`)
 *  PREFIX/dedupe/ENDPOINT/MESSAGE                         dedupe record
 *  PREFIX/payload/ID                                      body
 *  PREFIX/format                                          version of this layout (`format.ts`)
 */
import { createHash } from 'node:crypto';
import { OncectlError } from '../../../engine/errors.js';
import { checkKeyText } from '../../../engine/key-text.js';

export const folders = ['entities', 'pending', 'records', 'dedupe', 'payload'] as const;

export type Folder = (typeof folders)[number];

/** What the embedded store takes too: a key that is legal here is legal after a move. */
const longestKeyBytes = 1500;
/** Four parts of this length, a prefix and the rest stay below S3's 1,024 bytes. */
const longestPartBytes = 180;
const longestPrefixBytes = 200;
/** So long that the name of a payload is never a hash. */
export const longestPayloadName = 600;
const empty = '!-';
const hashed = '!!';

/** Refuses a key or id that a store could not keep apart from others, before anything is sent. */
export function checkKey(what: string, key: string, longest = longestKeyBytes): void {
  checkKeyText(what, key, longest);
}

/** One part of a name: injective over all well-formed strings. */
export function encodePart(part: string, longest = longestPartBytes): string {
  if (part === '') return empty;
  const encoded = escaped(part);
  if (encoded.length <= longest) return encoded;
  return `${hashed}${createHash('sha256').update(part).digest('hex')}`;
}

/** What the encoded names of all ids that begin with `prefix` begin with; the names are in this order. */
export function encodedPrefixes(prefix: string, longest = longestPartBytes): readonly string[] {
  if (prefix === '') return [''];
  const encoded = escaped(prefix);
  // A hashed name says nothing of its beginning: all of them have to be looked at.
  return encoded.length > longest ? [hashed] : [hashed, encoded];
}

/** What `encodePart` was given; `null` when only its hash is left, or it is no name of ours. */
export function decodePart(encoded: string): string | null {
  if (encoded === empty) return '';
  if (!/^(?:[\w-]|![\da-f]{2})+$/.test(encoded)) return null;
  try {
    return decodeURIComponent(encoded.replace(/!/g, '%'));
  } catch {
    return null;
  }
}

function escaped(part: string): string {
  if (/^[\w-]*$/.test(part)) return part;
  let text = '';
  for (const byte of Buffer.from(part)) {
    const character = String.fromCharCode(byte);
    const stays = /[\w-]/.test(character);
    text += stays ? character : `!${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

/** The names under one prefix. */
export class Names {
  readonly #root: string;

  /** Rejects (kind `profile`) a prefix that leaves no room for the names below it. */
  constructor(prefix: string) {
    const bytes = Buffer.byteLength(prefix);
    if (bytes > longestPrefixBytes || prefix.startsWith('/') || prefix.endsWith('/')) {
      throw new OncectlError('profile', 'the prefix in the bucket cannot be used', {
        about: prefix,
        hint: `at most ${longestPrefixBytes} bytes, no slash at its ends`,
      });
    }
    this.#root = prefix === '' ? '' : `${prefix}/`;
  }

  /** Everything of this deployment. */
  get root(): string {
    return this.#root;
  }

  get format(): string {
    return `${this.#root}format`;
  }

  /** For objects that `doctor` makes and removes. */
  get probes(): string {
    return `${this.#root}probe/`;
  }

  folder(folder: Folder): string {
    return `${this.#root}${folder}/`;
  }

  /** All of one endpoint in a folder. */
  endpoint(folder: Exclude<Folder, 'payload'>, endpoint: string): string {
    return `${this.folder(folder)}${encodePart(endpoint)}/`;
  }

  entity(endpoint: string, key: string): string {
    return `${this.endpoint('entities', endpoint)}${encodePart(key)}`;
  }

  dedupe(endpoint: string, messageId: string): string {
    return `${this.endpoint('dedupe', endpoint)}${encodePart(messageId)}`;
  }

  /** A payload's id can always be read from its name, so a long one is refused. */
  payload(id: string): string {
    checkKey('payload id', id, 200);
    return `${this.folder('payload')}${encodePart(id, longestPayloadName)}`;
  }

  /** `null` for an object that is none of ours. */
  payloadId(name: string): string | null {
    return decodePart(name.slice(this.folder('payload').length));
  }
}
