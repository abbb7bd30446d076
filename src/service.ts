/** Runs endpoints of your own in this process, on an embedded deployment. */
import { openEmbedded } from './backends/embedded/index.js';
import { preciseNow } from './engine/clock.js';
import { Entrance } from './engine/enter.js';
import { OncectlError } from './engine/errors.js';
import { checkText, type EndpointDefinition } from './engine/handler.js';
import { IdSource } from './engine/ids.js';
import type { Message } from './engine/message.js';
import type { Ports } from './engine/ports.js';
import { protocols } from './engine/protocols/index.js';
import type { ProtocolName } from './engine/protocols/names.js';
import { type HostedEndpoint, type Runtime, startRuntime } from './engine/runtime/runtime.js';

export interface ServiceOptions {
  /** Folder of the embedded deployment; several processes may share it. */
  readonly folder: string;
  readonly endpoints: readonly EndpointDefinition[];
  /** Default `outbox`. */
  readonly protocol?: Exclude<ProtocolName, 'none'>;
  /** Name of this process in the records it writes. */
  readonly worker?: string;
  /** Messages handled at a time, for each endpoint. Default 64. */
  readonly concurrency?: number;
  /** How long a dead worker's messages stay its own, ms. Default 30 s. */
  readonly visibilityMs?: number;
  /** How long duplicates are recognised, ms. Default 7 days. */
  readonly retentionMs?: number;
  /** Failed attempts before a message becomes a dead letter. Default 5. */
  readonly maxAttempts?: number;
  /** Called for each failed attempt. */
  readonly onFailure?: (failure: ServiceFailure) => void;
}

export interface ServiceFailure {
  readonly endpoint: string;
  readonly messageId: string;
  readonly error: OncectlError;
  /** It will be tried again, or it was put aside as a dead letter. */
  readonly what: 'released' | 'dead';
}

/** A message from outside the deployment. */
export interface OutsideMessage {
  readonly to: string;
  readonly type: string;
  readonly key: string;
  /** A JSON value. */
  readonly body?: unknown;
  /**
   * 26 characters. Give the same again when you retry a send that failed. With token protocols a retry
   * is recognised only by the process that sent first.
   */
  readonly id?: string;
}

export interface Service {
  /** Resolves with the message's id when it is durably in. Errors: `usage` for an unknown endpoint. */
  send(message: OutsideMessage): Promise<string>;
  /** State of an entity; null when it has none. */
  state<State = unknown>(endpoint: string, key: string): Promise<State | null>;
  /** Resolves when every queue is empty: nothing visible, in flight or delayed. */
  settled(): Promise<void>;
  /** Finishes what is in flight, then closes the deployment. */
  stop(): Promise<void>;
}

const day = 24 * 3600 * 1000;
const maxBodyBytes = 8 * 1024 * 1024;
const lookEveryMs = 20;

/**
 * Opens the deployment, creating it if need be, and starts to handle messages. Errors: those of the
 * embedded backend (`format`, `read-only`, `disk-full`), `usage` for two endpoints of one name.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const names = options.endpoints.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new OncectlError('usage', `two endpoints are called "${twice}"`);
  const name = options.protocol ?? 'outbox';
  const protocol = protocols[name];
  const worker = options.worker ?? `service-${process.pid}`;
  const retentionMs = options.retentionMs ?? 7 * day;
  const deployment = await openEmbedded({
    folder: options.folder,
    worker,
    layout: protocol.recognisesBy === 'transaction' ? 'island' : 'separate',
    retentionMs,
    maintain: true,
  });
  const limits = { sendsTo: null, mayName: new Set(names), maxBodyBytes };
  const host = (definition: EndpointDefinition): HostedEndpoint => {
    const { ports } = deployment;
    return { definition, protocol, ports, limits, concurrency: options.concurrency ?? 64 };
  };
  const runtime = startRuntime({
    worker,
    endpoints: options.endpoints.map(host),
    visibilityMs: options.visibilityMs ?? 30_000,
    retentionMs,
    maxAttempts: options.maxAttempts ?? 5,
    backoffMs: 200,
    audit: false,
    observer: {
      failed: ({ message }, error, what) =>
        options.onFailure?.({ endpoint: message.endpoint, messageId: message.id, error, what }),
    },
  });
  return new EmbeddedService(deployment, runtime, name, names);
}

class EmbeddedService implements Service {
  readonly #ids = new IdSource();
  readonly #entrance: Entrance;

  constructor(
    private readonly deployment: { readonly ports: Ports; close(): Promise<void> },
    private readonly runtime: Runtime,
    private readonly protocol: ProtocolName,
    private readonly names: readonly string[],
  ) {
    this.#entrance = new Entrance(deployment.ports, () => this.#ids.next());
  }

  async send({ to, type, key, body, id = this.#ids.next() }: OutsideMessage): Promise<string> {
    if (!this.names.includes(to)) {
      throw new OncectlError('usage', `there is no endpoint "${to}"`, {
        about: `send of ${type}`,
        hint: `known: ${this.names.join(', ')}`,
      });
    }
    checkText('type', type, `send to ${to}`);
    checkText('key', key, `send to ${to}`);
    const now = preciseNow();
    const headers = { intendedAt: now, sentAt: now };
    const bytes = new TextEncoder().encode(JSON.stringify(body ?? null));
    const message: Message = { id, endpoint: to, type, key, body: bytes, headers };
    await this.#entrance.enter(protocols[this.protocol], message);
    return id;
  }

  async state<State = unknown>(endpoint: string, key: string): Promise<State | null> {
    const { state } = await this.deployment.ports.business.load(endpoint, key, '');
    return state === null ? null : (JSON.parse(new TextDecoder().decode(state)) as State);
  }

  async settled(): Promise<void> {
    while (!(await this.#isQuiet())) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    await this.deployment.close();
  }

  async #isQuiet(): Promise<boolean> {
    const { broker } = this.deployment.ports;
    const depths = await Promise.all(this.names.map((name) => broker.depth(name)));
    return depths.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
  }
}
