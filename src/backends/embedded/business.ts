/** The business store on its own environment; with the island layout it shares the queue's. */
import type {
  BusinessStore,
  Change,
  Entity,
  PendingEntry,
  Settled,
  SettleFrom,
  SettleTo,
} from '../../engine/ports.js';
import { EntityTables, packChange } from './entity-tables.js';
import type { Env, Urgency } from './env.js';
import { checkKey } from './records.js';

export class EmbeddedBusinessStore implements BusinessStore {
  readonly tables: EntityTables;
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
    this.tables = new EntityTables(env);
  }

  async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    checkKey('entity key', key);
    return this.#env.read(() => this.tables.lookEntity(endpoint, key, messageId));
  }

  async commit(endpoint: string, key: string, expected: number, change: Change): Promise<number> {
    checkKey('entity key', key);
    if (change.entry) checkKey('message id', change.entry.messageId);
    const packed = packChange(change);
    return this.#env.write(
      () => this.tables.commit(endpoint, key, expected, packed),
      urgencyOf(change),
    );
  }

  settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo): Promise<Settled> {
    const settle = () => this.tables.settle(endpoint, messageId, from, to);
    if (to.step === 'checked') return this.#env.write(settle, 'at once');
    return this.#env.write(settle, 'soon', 'frees');
  }

  async listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): Promise<PendingEntry[]> {
    return this.#env.read(() => this.tables.lookPending(endpoint, olderThan, after, limit));
  }
}

/** Registering and committing a slot are two of three flushes in a row; nobody waits for its clearing. */
function urgencyOf({ slot, registry }: Change): Urgency {
  if (slot === null) return 'soon';
  return slot || registry ? 'at once' : 'now';
}
