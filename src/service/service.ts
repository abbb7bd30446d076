/** Runs endpoints of your own in this process, on an embedded deployment or one that a profile names. */
import { preciseNow } from '../engine/clock.js';
import { type Heartbeat, startHeartbeat } from '../engine/control/heartbeat.js';
import { OncectlError } from '../engine/errors.js';
import { checkText } from '../engine/handler.js';
import { IdSource } from '../engine/ids.js';
import type { Message } from '../engine/message.js';
import { type Runtime, startRuntime } from '../engine/runtime/runtime.js';
import { HistogramOfInterval } from '../load/histograms.js';
import { type Backing, embeddedBacking, profileBacking } from './backing.js';
import type { ServiceOptions } from './options.js';

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

const lookEveryMs = 20;

/**
 * Opens the deployment (an embedded one is created if need be) and starts to handle messages. Errors:
 * those of the backends (`format`, `read-only`, `disk-full`, `unreachable`, `denied`), `usage` for two
 * endpoints of one name or one that the profile does not have, `profile`.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const names = options.endpoints.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new OncectlError('usage', `two endpoints are called "${twice}"`);
  const worker = options.worker ?? `service-${process.pid}`;
  const backing =
    'profile' in options
      ? await profileBacking(options, worker)
      : await embeddedBacking(options, worker);
  const heartbeat = startHeartbeat({
    ...{ cells: backing.control, worker },
    endpoints: backing.hosted.map(({ definition: { name } }) => name),
    newLatency: () => new HistogramOfInterval(),
  });
  const runtime = startRuntime({
    worker,
    endpoints: backing.hosted,
    ...backing.settings,
    audit: false,
    control: backing.control,
    observer: {
      committed: heartbeat.committed,
      failed: (delivery, error, what) => {
        const { endpoint, id: messageId } = delivery.message;
        heartbeat.failed(delivery, error);
        options.onFailure?.({ endpoint, messageId, error, what });
      },
      unreceived: heartbeat.unreceived,
    },
  });
  return new RunningService(backing, runtime, heartbeat);
}

class RunningService implements Service {
  readonly #ids = new IdSource();

  constructor(
    private readonly backing: Backing,
    private readonly runtime: Runtime,
    private readonly heartbeat: Heartbeat,
  ) {}

  async send({ to, type, key, body, id = this.#ids.next() }: OutsideMessage): Promise<string> {
    const { names } = this.backing;
    if (!names.includes(to)) {
      throw new OncectlError('usage', `there is no endpoint "${to}"`, {
        about: `send of ${type}`,
        hint: `known: ${names.join(', ')}`,
      });
    }
    checkText('type', type, `send to ${to}`);
    checkText('key', key, `send to ${to}`);
    const now = preciseNow();
    const headers = { intendedAt: now, sentAt: now };
    const bytes = new TextEncoder().encode(JSON.stringify(body ?? null));
    const message: Message = { id, endpoint: to, type, key, body: bytes, headers };
    await this.backing.enter(message);
    return id;
  }

  async state<State = unknown>(endpoint: string, key: string): Promise<State | null> {
    const { state } = await this.backing.portsOf(endpoint).business.load(endpoint, key, '');
    return state === null ? null : (JSON.parse(new TextDecoder().decode(state)) as State);
  }

  async settled(): Promise<void> {
    while (!(await this.#isQuiet())) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    await this.heartbeat.stop();
    await this.backing.close();
  }

  async #isQuiet(): Promise<boolean> {
    const depths = await this.backing.depths();
    return depths.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
  }
}
