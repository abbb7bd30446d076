/** Payloads: an object each, who put it in its metadata. A body's presence is the token. */

import { OncectlError } from '../../../engine/errors.js';
import type { PayloadOrigin, PayloadStore } from '../../../engine/ports.js';
import type { Bucket } from './bucket.js';
import type { Deletes } from './deletes.js';
import type { Life } from './life.js';
import type { Names } from './names.js';
import type { RequestCounts } from './request-counts.js';

/** S3 takes 2 KB of metadata, names included. */
const longestOrigin = 1900;

export class S3PayloadStore implements PayloadStore {
  readonly name: string;
  readonly #bucket: Bucket;
  readonly #names: Names;
  readonly #deletes: Deletes;
  readonly #life: Life;
  readonly #counts: RequestCounts;

  constructor(
    name: string,
    bucket: Bucket,
    names: Names,
    deletes: Deletes,
    life: Life,
    counts: RequestCounts,
  ) {
    this.name = name;
    this.#bucket = bucket;
    this.#names = names;
    this.#deletes = deletes;
    this.#life = life;
    this.#counts = counts;
  }

  /** Sent once (rule R6): a put that comes late would bring a consumed token back to life. */
  async put(id: string, body: Uint8Array, origin: PayloadOrigin): Promise<void> {
    this.#counts.operation('payload');
    const name = this.#names.payload(id);
    const metadata = { origin: encodeOrigin(origin) };
    // A copy: the caller may change its bytes while they are still being sent.
    const bytes = Uint8Array.from(body);
    await this.#life.run(() => this.#bucket.putOnce(name, bytes, metadata));
  }

  async get(id: string): Promise<Uint8Array | null> {
    this.#counts.operation('payload');
    const name = this.#names.payload(id);
    const stored = await this.#life.run(() => this.#bucket.get(name));
    return stored?.bytes ?? null;
  }

  async delete(id: string): Promise<void> {
    this.#counts.operation('payload');
    const name = this.#names.payload(id);
    await this.#life.run(() => this.#deletes.add(name));
  }
}

/** Metadata travels in headers, which are ASCII. */
function encodeOrigin(origin: PayloadOrigin): string {
  const encoded = Buffer.from(JSON.stringify(origin)).toString('base64url');
  if (encoded.length <= longestOrigin) return encoded;
  throw new OncectlError('too-large', 'the origin of a payload does not fit into its metadata', {
    about: `message ${origin.messageId.slice(0, 40)}…`,
  });
}

/** `null` for an object that no payload store put. */
export function decodeOrigin(metadata: Readonly<Record<string, string>>): PayloadOrigin | null {
  try {
    const text = Buffer.from(metadata['origin'] ?? '', 'base64url').toString();
    const { endpoint, messageId, attempt } = JSON.parse(text) as Record<string, unknown>;
    if (typeof endpoint !== 'string' || typeof messageId !== 'string') return null;
    return { endpoint, messageId, attempt: String(attempt) };
  } catch {
    return null;
  }
}
