/** Queue rows on their way in: each with its copy's number, and with a lease where somebody waits. */
import type { Message } from '../../engine/message.js';
import { bigints, byteas, texts } from './arrays.js';
import type { Copies } from './copies.js';
import { pack } from './records.js';
import type { Value } from './statement.js';
import { receiptText } from './statements/receipt.js';
import type { Claim, Waiter, Waiters } from './waiters.js';

/** A message and its bytes, packed when it was handed in: the caller may change its own afterwards. */
export interface PackedMessage {
  readonly message: Message;
  readonly bytes: Buffer;
}

export function packMessages(messages: readonly Message[]): PackedMessage[] {
  return messages.map((message) => ({
    message: { ...message, body: Buffer.from(message.body) },
    bytes: pack(message),
  }));
}

export interface QueueRow {
  readonly packed: PackedMessage;
  readonly copy: number;
  readonly delayMs: number;
  /** Who is to have it at once; null: whoever looks first. */
  readonly waiter: Waiter | null;
  readonly leaseEnd: number;
}

/** What the broker does once rows are durably queued. */
export interface Arrivals {
  /** Rows that nobody here waited for. */
  unclaimed(endpoints: Iterable<string>): void;
  /** Waiters whose claim came to nothing: they may have missed something meanwhile. */
  waitOn(waiters: readonly Waiter[]): void;
}

export class HandOver {
  readonly #copies: Copies;
  readonly #waiters: Waiters;
  readonly #arrivals: Arrivals;

  constructor(copies: Copies, waiters: Waiters, arrivals: Arrivals) {
    this.#copies = copies;
    this.#waiters = waiters;
    this.#arrivals = arrivals;
  }

  plan(packed: PackedMessage, delayMs: number, claim: Claim): QueueRow {
    const isDelayed = delayMs > 0;
    const waiter = isDelayed ? null : this.#waiters.claim(packed.message.endpoint, claim);
    const leaseEnd = waiter === null ? 0 : Date.now() + waiter.options.visibility;
    return { packed, copy: this.#copies.next(), delayMs, waiter, leaseEnd };
  }

  /** The rows are queued at `due`. Those of a claim are handed over when the claim is settled. */
  queued(rows: readonly QueueRow[], due: number): void {
    const unclaimed = new Set<string>();
    for (const { packed, copy, delayMs, waiter, leaseEnd } of rows) {
      const { message } = packed;
      if (waiter === null) {
        if (delayMs === 0) unclaimed.add(message.endpoint);
        continue;
      }
      const receipt = receiptText({ due, copy, receives: 1 });
      waiter.handed.push({ message, receipt, receives: 1, leaseEnd, failures: [] });
    }
    if (unclaimed.size > 0) this.#arrivals.unclaimed(unclaimed);
  }

  settle(claim: Claim): void {
    this.#arrivals.waitOn(this.#waiters.settle(claim));
  }
}

/** The columns that `queueRows` names, as parameters. */
export function bindRows(rows: readonly QueueRow[]): Value[] {
  return [
    texts(rows.map(({ packed }) => packed.message.endpoint)),
    bigints(rows.map(({ copy }) => copy)),
    bigints(rows.map(({ delayMs }) => Math.ceil(Math.max(0, delayMs) * 1000))),
    bigints(rows.map(({ waiter }) => Math.ceil((waiter?.options.visibility ?? 0) * 1000))),
    texts(rows.map(({ waiter }) => waiter?.options.worker ?? null)),
    texts(rows.map(({ packed }) => packed.message.id)),
    byteas(rows.map(({ packed }) => packed.bytes)),
  ];
}

/** The rows of `bindRows`, whose parameters begin at `$from`; columns of one's own behind them. */
export function queueRows(from: number, ...more: readonly string[]): string {
  const types = ['text', 'bigint', 'bigint', 'bigint', 'text', 'text', 'bytea'];
  const names = ['endpoint', 'copy', 'delay', 'visibility', 'holder', 'message_id', 'message'];
  for (const column of more) {
    const [name = '', type = ''] = column.split(' ');
    names.push(name);
    types.push(type);
  }
  const arrays = types.map((type, at) => `$${from + at}::${type}[]`);
  return `unnest(${arrays.join(', ')}) as m(${names.join(', ')})`;
}

/** Queues the rows of `queueRows`, leased where they have a holder; `clock` is the server's. */
export const insertRows = `insert into queue
    (endpoint, due, copy, leased_until, receives, holder, message_id, message)
  select m.endpoint, clock.now + m.delay, m.copy,
    case when m.holder is null then 0 else clock.now + m.visibility end,
    case when m.holder is null then 0 else 1 end, m.holder, m.message_id, m.message`;
