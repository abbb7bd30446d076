/** A real embedded deployment in a folder of its own, and runtimes on it, as many as a test wants. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import { Entrance } from '../../src/engine/enter.js';
import { endpoint, type Handler } from '../../src/engine/handler.js';
import { IdSource } from '../../src/engine/ids.js';
import type { Message } from '../../src/engine/message.js';
import type { Ports, QueueDepth } from '../../src/engine/ports.js';
import { protocols } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import {
  type Runtime,
  type RuntimeOptions,
  startRuntime,
} from '../../src/engine/runtime/runtime.js';
import { bytes, eventually, message, receiveNow } from '../conformance/fixtures.js';

export const queue = 'orders';
const next = 'next';
export const patience = 20_000;

/** What a test changes about a runtime. */
export interface Variation extends Partial<Omit<RuntimeOptions, 'endpoints'>> {
  readonly handler?: Handler;
  readonly ports?: Ports;
  readonly concurrency?: number;
}

export interface Counted {
  readonly count: number;
}

/** Counts its messages in the state, and sends one on. */
export const counting: Handler = (_message, entity, send) => {
  const before = entity.state as Counted | null;
  entity.state = { count: (before?.count ?? 0) + 1 };
  send({ type: 'Counted', to: next });
};

export class World {
  readonly #ids = new IdSource();
  readonly #runtimes: Runtime[] = [];

  private constructor(
    readonly protocol: ProtocolName,
    readonly deployment: EmbeddedDeployment,
    private readonly folder: string,
  ) {}

  static async open(protocol: ProtocolName = 'outbox'): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'oncectl-engine-'));
    const layout = protocol === 'local-transaction' ? 'island' : 'separate';
    const deployment = await openEmbedded({ folder, layout, worker: 'test' });
    return new World(protocol, deployment, folder);
  }

  get ports(): Ports {
    return this.deployment.ports;
  }

  start({ handler = counting, ports, concurrency = 16, ...options }: Variation = {}): Runtime {
    const runtime = startRuntime({
      worker: 'worker',
      visibilityMs: 30_000,
      retentionMs: 60_000,
      maxAttempts: 3,
      backoffMs: 20,
      audit: false,
      ...options,
      endpoints: [
        {
          definition: endpoint<Record<string, unknown>>({
            name: queue,
            handlers: { '*': handler },
          }),
          protocol: protocols[this.protocol],
          ports: ports ?? this.ports,
          limits: { sendsTo: [next], mayName: new Set([next]), maxBodyBytes: 100_000 },
          concurrency,
        },
      ],
    });
    this.#runtimes.push(runtime);
    return runtime;
  }

  /** Enters a message the way the protocol needs it. */
  async send(fields: Partial<Message> = {}): Promise<Message> {
    const made = message(queue, { body: bytes('{}'), ...fields });
    await new Entrance(this.ports, () => this.#ids.next()).enter(protocols[this.protocol], made);
    return made;
  }

  depth(): Promise<QueueDepth> {
    return this.ports.broker.depth(queue);
  }

  /** Waits until the queue looks as wanted. */
  queueIs(what: string, accept: (depth: QueueDepth) => boolean): Promise<QueueDepth> {
    return eventually(what, patience, () => this.depth(), accept);
  }

  async idle(): Promise<void> {
    await this.queueIs('nothing left to do', ({ visible, inFlight, delayed }) => {
      return visible + inFlight + delayed === 0;
    });
  }

  async count(key: string): Promise<number> {
    const { state } = await this.ports.business.load(queue, key, '');
    return state === null ? 0 : (JSON.parse(new TextDecoder().decode(state)) as Counted).count;
  }

  /** Distinct ids of what was sent on; a copy of the same id more often is no second message. */
  async sentOn(): Promise<string[]> {
    const copies = await receiveNow(this.ports.broker, next, 10_000);
    return [...new Set(copies.map((copy) => copy.message.id))];
  }

  async close(): Promise<void> {
    await Promise.all(this.#runtimes.map((runtime) => runtime.stop(0)));
    await this.deployment.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A promise and its end, for handlers that wait for the test. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Waits for a condition that the test's own process brings about. */
export function until(what: string, holds: () => boolean): Promise<boolean> {
  return eventually(what, patience, async () => holds(), Boolean);
}
