/** The sink behind the last hop: logs each arrival, consumes its token, acknowledges. No protocol. */
import type { EvidenceWriter } from '../../audit/writer.js';
import { hashOf } from '../../engine/evidence.js';
import type { Delivery } from '../../engine/message.js';
import type { Ports } from '../../engine/ports.js';
import { sink } from '../../profile/endpoints.js';

const atATime = 256;
/** Nobody waits for the sink: it takes what has gathered, and leaves the queue's lock to the workers. */
const betweenMs = 100;

export class Sink {
  received = 0;
  readonly #ports: Ports;
  readonly #arrivals: EvidenceWriter | null;
  readonly #stopping = new AbortController();
  readonly #visibility: number;
  #receiving: Promise<void> = Promise.resolve();

  constructor(ports: Ports, arrivals: EvidenceWriter | null, visibilityMs: number) {
    this.#ports = ports;
    this.#visibility = visibilityMs;
    this.#arrivals = arrivals;
  }

  start(): void {
    this.#receiving = this.#receive();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#receiving;
  }

  async #receive(): Promise<void> {
    const { signal } = this.#stopping;
    const options = { visibility: this.#visibility, wait: 1000, worker: sink, signal };
    while (!signal.aborted) {
      const deliveries = await this.#ports.broker.receive(sink, atATime, options).catch(() => []);
      if (deliveries.length === 0) continue;
      await this.#consume(deliveries).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  }

  /** Arrivals are logged before anything is consumed; what fails comes again. */
  async #consume(deliveries: readonly Delivery[]): Promise<void> {
    const bodies = await Promise.all(deliveries.map((delivery) => this.#body(delivery)));
    this.#arrivals?.arrivals(
      deliveries.map(({ message: { endpoint, id, headers } }, index) => ({
        endpoint,
        messageId: id,
        transaction: headers.transaction ?? null,
        hash: bodies[index] ? hashOf(bodies[index]) : '?',
        ...(headers.payload ? { payload: headers.payload.id } : {}),
      })),
    );
    this.received += deliveries.length;
    await Promise.all(deliveries.map((delivery) => this.#settle(delivery)));
  }

  async #body({ message }: Delivery): Promise<Uint8Array | null> {
    const { payload } = message.headers;
    return payload ? this.#ports.payload.get(payload.id) : message.body;
  }

  async #settle({ message, receipt }: Delivery): Promise<void> {
    const { payload } = message.headers;
    if (payload) await this.#ports.payload.delete(payload.id);
    await this.#ports.broker.ack(message.endpoint, receipt);
  }
}
