/**
 * One long-lived connection. It is made when first needed and again when it was lost, with its
 * settings and prepared statements; a call waits a while for that, so a server that restarts costs
 * time and nothing else.
 *
 * C1 A call that was sent is never sent again by the connection: what became of it is unknown.
 * C2 After an error the prepared statements are still there; after a time-out the connection is not.
 */
import { Client } from 'pg';
import { OncectlError } from '../../engine/errors.js';
import { type Address, sslOf } from './address.js';
import { Batch, type Call, Preparation } from './batch.js';
import { isAnswer, mayPass, serverError } from './server-error.js';
import type { Row } from './statement.js';

export interface Session {
  readonly address: Address;
  /** Shown by the server in pg_stat_activity. */
  readonly applicationName: string;
  /** Settings for the session, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly statements: readonly { readonly name: string; readonly sql: string }[];
  /** Runs on each new connection before it is used. */
  readonly prepare?: (client: Client) => Promise<void>;
  readonly onNotification?: (payload: string) => void;
}

/** How long a call waits for a connection to come (back). */
const patienceMs = 15_000;
const firstPauseMs = 20;
const longestPauseMs = 1000;
/** How long the server may take over one call before the connection is given up. */
const callTimeoutMs = 30_000;

export class Connection {
  readonly #session: Session;
  #client: Client | null = null;
  #connecting: Promise<Client> | null = null;
  #closed = false;
  #giveUp: (() => void) | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Makes the connection now, without patience: what is wrong shows at once. */
  async open(): Promise<Client> {
    this.#client ??= await this.#connect();
    return this.#client;
  }

  /**
   * The rows of each call; `bind` is asked for the calls once the connection stands. Rejects with an
   * `OncectlError` that says whether the calls happened.
   */
  async run(bind: () => readonly Call[]): Promise<readonly Row[][]> {
    const client = this.#client ?? (await this.#reconnect());
    try {
      return await runOn(client, bind());
    } catch (error) {
      if (!isAnswer(error)) this.#drop(client);
      throw serverError(error, this.#session.address.shown, 'unknown');
    }
  }

  /** Address and port of our own end, and the server process at the other; for looking it up. */
  get localPort(): number | null {
    const wire = (this.#client as { connection?: { stream?: { localPort?: number } } } | null)
      ?.connection;
    return wire?.stream?.localPort ?? null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#giveUp?.();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  /** One attempt after another until it stands, `patienceMs` is over, or patience cannot help. */
  #reconnect(): Promise<Client> {
    this.#connecting ??= this.#attempts().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #attempts(): Promise<Client> {
    const deadline = performance.now() + patienceMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      if (this.#closed) throw closedError();
      try {
        this.#client = await this.#connect();
        return this.#client;
      } catch (error) {
        const cause = error instanceof OncectlError ? (error.cause ?? error) : error;
        if (!mayPass(cause) || performance.now() + pauseMs > deadline) throw error;
      }
      await this.#pause(pauseMs * (0.5 + Math.random()));
    }
  }

  async #connect(): Promise<Client> {
    if (this.#closed) throw closedError();
    const client = await connectTo(this.#session.address, this.#session.applicationName);
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    client.on('notification', ({ payload }) => this.#session.onNotification?.(payload ?? ''));
    try {
      await this.#equip(client);
    } catch (error) {
      await client.end().catch(() => {});
      throw serverError(error, this.#session.address.shown, 'no');
    }
    if (!this.#closed) return client;
    await client.end().catch(() => {});
    throw closedError();
  }

  async #equip(client: Client): Promise<void> {
    const { settings, statements, prepare } = this.#session;
    const names = Object.keys(settings);
    if (names.length > 0) {
      const calls = names.map((_, at) => `set_config($${at * 2 + 1}, $${at * 2 + 2}, false)`);
      await client.query(
        `select ${calls.join(', ')}`,
        names.flatMap((name) => [name, settings[name]]),
      );
    }
    await prepare?.(client);
    await new Promise<void>((resolve, reject) => {
      client.query(new Preparation(statements, (error) => (error ? reject(error) : resolve())));
    });
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = null;
    client.end().catch(() => {});
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#giveUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Servers that were asked for TLS and had none. */
const withoutTls = new WeakSet<Address>();

/** A connected client; with TLS `prefer`, without TLS where the server has none. */
export async function connectTo(address: Address, applicationName: string): Promise<Client> {
  const attempt = async (ssl: ReturnType<typeof sslOf>) => {
    const client = new Client({
      ...address.config,
      ssl: ssl ?? false,
      application_name: applicationName,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  try {
    if (address.tls !== 'prefer') return await attempt(sslOf(address.tls));
    if (withoutTls.has(address)) return await attempt(false);
    return await attempt(sslOf('prefer')).catch((error: unknown) => {
      if (!/does not support SSL/.test(String(error))) throw error;
      withoutTls.add(address);
      return attempt(false);
    });
  } catch (error) {
    throw serverError(error, address.shown, 'no');
  }
}

export function closedError(): OncectlError {
  return new OncectlError('unreachable', 'the PostgreSQL store is closed', { happened: 'no' });
}

function runOn(client: Client, calls: readonly Call[]): Promise<readonly Row[][]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new OncectlError('timeout', 'the PostgreSQL server did not answer in time', {
          happened: 'unknown',
          hint: 'look for what holds locks there, and at the network between',
        }),
      );
      client.end().catch(() => {});
    }, callTimeoutMs);
    client.query(
      new Batch(calls, (error, rows) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve(rows);
      }),
    );
  });
}
