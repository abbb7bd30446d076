/** Queue and data in one database: the local transaction. */
import type { Delivery, Message } from '../../engine/message.js';
import type { Change, Island } from '../../engine/ports.js';
import type { PostgresBroker } from './broker.js';
import { checkChange } from './business.js';
import { packMessages } from './hand-over.js';
import type { Lane } from './lane.js';
import { packChange } from './packed-change.js';
import { checkMessages } from './records.js';
import { enterStatement } from './statements/enter.js';
import { readReceipt } from './statements/receipt.js';
import { transactStatement } from './statements/transact.js';

export class PostgresIsland implements Island {
  readonly enterStatement: ReturnType<typeof enterStatement>;
  readonly transactStatement: ReturnType<typeof transactStatement>;
  readonly #write: Lane;
  readonly #options: { readonly retentionMs: number; readonly worker: string };

  constructor(
    write: Lane,
    broker: PostgresBroker,
    options: { readonly retentionMs: number; readonly worker: string },
  ) {
    this.#write = write;
    this.#options = options;
    this.enterStatement = enterStatement(broker.handOver);
    this.transactStatement = transactStatement(broker.handOver);
  }

  async enter(messages: readonly Message[]): Promise<void> {
    checkMessages(messages);
    const once = new Map(messages.map((message) => [`${message.endpoint}/${message.id}`, message]));
    if (once.size === 0) return;
    const op = { packed: packMessages([...once.values()]), ...this.#options };
    await this.#write.submit(this.enterStatement, op, 'now');
  }

  async transact(
    delivery: Delivery,
    expected: number,
    change: Change,
    outgoing: readonly Message[],
  ): Promise<'done' | 'gone'> {
    const { endpoint, key } = delivery.message;
    checkMessages([delivery.message, ...outgoing]);
    checkChange(key, change);
    const receipt = readReceipt(delivery.receipt);
    if (!receipt) return 'gone';
    const packed = packChange(endpoint, key, expected, change);
    const op = { change: packed, receipt, outgoing: packMessages(outgoing) };
    return this.#write.submit(this.transactStatement, op, 'now');
  }
}
