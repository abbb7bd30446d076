/** Queue and data in one environment: the local transaction. */
import type { Database } from 'lmdb';
import type { Delivery, Message } from '../../engine/message.js';
import type { Change, DedupeRecord, Island } from '../../engine/ports.js';
import type { EmbeddedBroker } from './broker.js';
import { type EntityTables, packChange } from './entity-tables.js';
import type { Env } from './env.js';
import { type PackedMessage, packMessage } from './queue-tables.js';
import { checkMessages, keyOf, pack } from './records.js';

export class EmbeddedIsland implements Island {
  /** `entered`: endpoint/message id -> DedupeRecord of a message that came from outside. */
  readonly entered: Database<Buffer, string>;
  readonly #env: Env;
  readonly #broker: EmbeddedBroker;
  readonly #entities: EntityTables;
  readonly #retentionMs: number;
  readonly #worker: string;

  constructor(
    env: Env,
    broker: EmbeddedBroker,
    entities: EntityTables,
    options: { readonly retentionMs: number; readonly worker: string },
  ) {
    this.#env = env;
    this.#broker = broker;
    this.#entities = entities;
    this.#retentionMs = options.retentionMs;
    this.#worker = options.worker;
    this.entered = env.table('entered');
  }

  async enter(messages: readonly Message[]): Promise<void> {
    checkMessages(messages);
    const packed = messages.map(packMessage);
    return this.#env.write(() => {
      for (const message of packed) this.#enterOne(message);
    }, 'now');
  }

  async transact(
    delivery: Delivery,
    expected: number,
    change: Change,
    outgoing: readonly Message[],
  ): Promise<'done' | 'gone'> {
    const { endpoint, key } = delivery.message;
    checkMessages([delivery.message, ...outgoing]);
    const packed = outgoing.map(packMessage);
    const packedChange = packChange(change);
    return this.#env.write(() => {
      if (!this.#broker.tables.holds(endpoint, delivery.receipt)) return 'gone';
      this.#entities.commit(endpoint, key, expected, packedChange);
      this.#broker.tables.ack(endpoint, delivery.receipt);
      for (const message of packed) this.#broker.enqueue(message, 0);
      return 'done';
    }, 'now');
  }

  #enterOne(packed: PackedMessage): void {
    const { endpoint, id } = packed.message;
    const key = keyOf(endpoint, id);
    if (this.entered.doesExist(key)) return;
    const at = Date.now();
    const record: DedupeRecord = { by: this.#worker, at, expires: at + this.#retentionMs };
    this.entered.put(key, pack(record));
    this.#broker.enqueue(packed, 0);
  }
}
