/** Payloads: `bodies`, payload id -> body; `origins`, payload id -> who put it. */
import type { Database } from 'lmdb';
import type { PayloadOrigin, PayloadStore } from '../../engine/ports.js';
import type { Env } from './env.js';
import { checkKey, pack, unpack } from './records.js';

export interface OriginRow extends PayloadOrigin {
  readonly at: number;
  /** Length of the body. */
  readonly bytes: number;
}

export class EmbeddedPayloadStore implements PayloadStore {
  readonly name: string;
  readonly #bodies: Database<Buffer, string>;
  readonly #origins: Database<Buffer, string>;
  readonly #env: Env;

  constructor(env: Env, name: string) {
    this.#env = env;
    this.name = name;
    this.#bodies = env.table('bodies');
    this.#origins = env.table('origins');
  }

  async put(id: string, body: Uint8Array, origin: PayloadOrigin): Promise<void> {
    checkKey('payload id', id);
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const row = pack({ ...origin, at: Date.now(), bytes: bytes.length });
    await this.#env.write(() => {
      this.#bodies.put(id, bytes);
      this.#origins.put(id, row);
    }, 'at once');
  }

  async get(id: string): Promise<Uint8Array | null> {
    checkKey('payload id', id);
    return this.#env.read(() => this.#bodies.get(id)) ?? null;
  }

  async delete(id: string): Promise<void> {
    checkKey('payload id', id);
    await this.#env.write(
      () => {
        this.#bodies.remove(id);
        this.#origins.remove(id);
      },
      'soon',
      'frees',
    );
  }

  /** A page of present payloads whose ids begin with `prefix`. */
  page(after: string | null, limit: number, prefix = ''): Array<[string, OriginRow]> {
    const start = after ?? (prefix === '' ? undefined : prefix);
    const range =
      start === undefined ? { limit } : { start, exclusiveStart: after !== null, limit };
    return this.#env.read(() => {
      const rows: Array<[string, OriginRow]> = [];
      for (const { key, value } of this.#origins.getRange(range)) {
        if (!key.startsWith(prefix)) break;
        rows.push([key, unpack<OriginRow>(value)]);
      }
      return rows;
    });
  }
}
