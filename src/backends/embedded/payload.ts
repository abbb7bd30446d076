/** Payloads: `bodies`, payload id -> body; `origins`, payload id -> who put it. */
import type { Database } from 'lmdb';
import type { PayloadOrigin, PayloadStore } from '../../engine/ports.js';
import type { Env } from './env.js';
import { checkKey, pack, unpack } from './records.js';

export interface OriginRow extends PayloadOrigin {
  readonly at: number;
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
    const row = pack({ ...origin, at: Date.now() });
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

  /** A page of present payloads, for audit and sweeper. */
  page(after: string | null, limit: number): Array<[string, OriginRow]> {
    const range = after === null ? { limit } : { start: after, exclusiveStart: true, limit };
    return this.#env.read(() =>
      [...this.#origins.getRange(range)].map(({ key, value }) => [key, unpack<OriginRow>(value)]),
    );
  }
}
