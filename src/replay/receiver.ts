/** The receiver behind the endpoint: takes a message by its token once, and keeps what has arrived. */
import type { Delivery } from '../engine/message.js';
import type { Ports } from '../engine/ports.js';
import type { Violation } from '../verify/history.js';
import { sink } from '../verify/scenario.js';

const hour = 3_600_000;

export class Receiver {
  readonly #ports: Ports;
  readonly #arrived: Delivery[] = [];
  readonly #taken = new Map<string, Uint8Array>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Bodies by message id: of those taken by token, and of those that carry theirs. */
  get bodies(): ReadonlyMap<string, Uint8Array> {
    const inline = this.#arrived.filter(({ message }) => !message.headers.payload);
    return new Map([
      ...inline.map(({ message }): [string, Uint8Array] => [message.id, message.body]),
      ...this.#taken,
    ]);
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.#arrived.map(({ message }) => message.id));
  }

  /** Takes one message whose token is there; `null` in place of a violation when nothing is wrong. */
  async take(): Promise<{ did: string; violation: Violation | null }> {
    await this.#receive();
    for (const { message } of this.#arrived) {
      const token = message.headers.payload?.id;
      const body = token === undefined ? null : await this.#ports.payload.get(token);
      if (token === undefined || body === null) continue;
      await this.#ports.payload.delete(token);
      const isSecond = this.#taken.has(message.id);
      this.#taken.set(message.id, body);
      const text = `the receiver of ${message.id} finds a token of it a second time, and applies it twice`;
      const violation: Violation | null = isSecond ? { invariant: 'I2', text } : null;
      return { did: `takes ${message.id}`, violation };
    }
    return { did: 'finds no token', violation: null };
  }

  /** Takes whatever is still to be taken. */
  async takeAll(): Promise<Violation | null> {
    let broken: Violation | null = null;
    for (;;) {
      const { did, violation } = await this.take();
      broken ??= violation;
      if (did === 'finds no token') return broken;
    }
  }

  async #receive(): Promise<void> {
    const options = { visibility: hour, wait: 0, worker: 'receiver' };
    for (;;) {
      const more = await this.#ports.broker.receive(sink, 64, options);
      this.#arrived.push(...more);
      if (more.length === 0) return;
    }
  }
}
