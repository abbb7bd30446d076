/**
 * A TCP proxy between a client of ours and a server, whose wire a test can cut, freeze, slow down, or
 * let lose the answer to a request: the server then did it, and nobody knows.
 *
 * Both directions are held back in order; nothing is lost but by a reset. It knows no protocol: an
 * answer is what the server sends after the next bytes of a client.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Resets all connections, and refuses new ones until `restore`. */
  cut(): void;
  /** Keeps all bytes back, in both directions and on new connections too, until `restore`. */
  freeze(): void;
  /** Delays all bytes by so much in each direction, until `restore`. */
  slow(latencyMs: number): void;
  /**
   * The connection that sends the next bytes, or the next ones that contain `text`, is reset as soon as
   * the server answers, and the answer is lost; what the server has received it still does. Resolves
   * when it has closed that connection. Other connections go on.
   */
  loseNextAnswer(text?: string): Promise<void>;
  /** Lets everything pass again, what was kept back first. Resolves when new connections may come. */
  restore(): Promise<void>;
  /** Resets all connections and stops listening. */
  close(): void;
}

/** Opens a proxy on 127.0.0.1, on any free port, to a port there. */
export async function openProxy(serverPort: number): Promise<TcpProxy> {
  const proxy = new Wire(serverPort);
  await proxy.listen();
  return proxy;
}

class Wire implements TcpProxy {
  readonly #serverPort: number;
  #listener: Server | null = null;
  #port = 0;
  readonly #pairs = new Set<Pair>();
  /** Those that were ordered and have not met their request yet. */
  readonly #losses: Loss[] = [];
  #latencyMs = 0;
  #frozen = false;

  constructor(serverPort: number) {
    this.#serverPort = serverPort;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Half open: who has sent its last may still be answered. */
  async listen(): Promise<void> {
    const listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    listener.listen(this.#port, '127.0.0.1');
    await once(listener, 'listening');
    this.#port = (listener.address() as AddressInfo).port;
    this.#listener = listener;
  }

  cut(): void {
    this.#listener?.close();
    this.#listener = null;
    for (const pair of this.#pairs) pair.reset();
  }

  freeze(): void {
    this.#frozen = true;
  }

  slow(latencyMs: number): void {
    this.#latencyMs = latencyMs;
  }

  loseNextAnswer(text = ''): Promise<void> {
    return new Promise((done) => {
      this.#losses.push({ text, done });
    });
  }

  async restore(): Promise<void> {
    this.#frozen = false;
    this.#latencyMs = 0;
    for (const pair of this.#pairs) pair.pump();
    if (this.#listener === null) await this.listen();
  }

  close(): void {
    this.cut();
  }

  #accept(client: Socket): void {
    const pair = new Pair(client, this.#serverPort, {
      frozen: () => this.#frozen,
      latencyMs: () => this.#latencyMs,
      lossFor: (bytes) => this.#lossFor(bytes),
      closed: () => this.#pairs.delete(pair),
    });
    this.#pairs.add(pair);
  }

  #lossFor(bytes: Buffer): Loss | undefined {
    const at = this.#losses.findIndex(({ text }) => bytes.includes(text));
    return at === -1 ? undefined : this.#losses.splice(at, 1)[0];
  }
}

interface Loss {
  readonly text: string;
  readonly done: () => void;
}

interface Conditions {
  frozen(): boolean;
  latencyMs(): number;
  /** Takes over a loss that was ordered for a request like this, if there is one. */
  lossFor(bytes: Buffer): Loss | undefined;
  closed(): void;
}

/** A client's connection and the one to the server that belongs to it. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #lanes: readonly Lane[];
  /** Set while the server's next bytes are to be lost. */
  #loss: Loss | undefined;

  constructor(client: Socket, serverPort: number, conditions: Conditions) {
    this.#client = client;
    this.#server = new Socket({ allowHalfOpen: true }).connect(serverPort, '127.0.0.1');
    const toServer = new Lane(client, this.#server, conditions, (bytes) => {
      this.#loss ??= conditions.lossFor(bytes);
    });
    const toClient = new Lane(this.#server, client, conditions, () => this.#answered());
    this.#lanes = [toServer, toClient];
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.reset());
    }
    client.on('close', () => conditions.closed());
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  pump(): void {
    for (const lane of this.#lanes) lane.pump();
  }

  /** The server gets an end, not a reset: that would throw away what it has not read yet. */
  #answered(): void {
    if (this.#loss === undefined) return;
    this.#server.once('close', this.#loss.done);
    this.#loss = undefined;
    this.#client.resetAndDestroy();
    this.#server.end();
  }
}

/** One direction: a queue of bytes, each with the time from which it may pass. */
class Lane {
  readonly #to: Socket;
  readonly #conditions: Conditions;
  readonly #held: { bytes: Buffer | null; passesAt: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, conditions: Conditions, arrives: (b: Buffer) => void) {
    this.#to = to;
    this.#conditions = conditions;
    from.on('data', (bytes: Buffer) => {
      arrives(bytes);
      this.#hold(bytes);
    });
    from.on('end', () => this.#hold(null));
    to.on('close', () => clearTimeout(this.#timer));
  }

  /** Lets pass what may; `null` in the queue is the sender's last word. */
  pump(): void {
    clearTimeout(this.#timer);
    while (!this.#conditions.frozen()) {
      const next = this.#held[0];
      if (next === undefined) return;
      const waitMs = this.#conditions.latencyMs() === 0 ? 0 : next.passesAt - Date.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#held.shift();
      if (this.#to.destroyed) continue;
      if (next.bytes) this.#to.write(next.bytes);
      else this.#to.end();
    }
  }

  #hold(bytes: Buffer | null): void {
    this.#held.push({ bytes, passesAt: Date.now() + this.#conditions.latencyMs() });
    this.pump();
  }
}
