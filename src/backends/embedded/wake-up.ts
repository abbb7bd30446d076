/**
 * Wake-ups between the processes of one deployment: a receiver listens on a loopback port whose
 * number is a file name in `wake/`; a sender writes the names of the endpoints it queued for. Losing
 * one costs a poll interval and nothing else.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

const loopback = '127.0.0.1';

export class WakeUp {
  onWake: (endpoints: readonly string[]) => void = () => {};
  readonly #folder: string;
  #server: Server | null = null;
  #own: string | null = null;
  readonly #incoming = new Set<Socket>();
  readonly #peers = new Map<string, Socket>();
  #closed = false;

  constructor(folder: string) {
    this.#folder = join(folder, 'wake');
    mkdirSync(this.#folder, { recursive: true });
    this.refresh();
  }

  /** Starts to listen; the second call does nothing. */
  listen(): void {
    if (this.#server || this.#closed) return;
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    server.on('error', () => {});
    server.unref();
    server.listen(0, loopback, () => {
      const address = server.address();
      if (this.#closed || address === null || typeof address === 'string') return;
      this.#own = `${address.port}-${process.pid}`;
      writeFileSync(join(this.#folder, this.#own), '');
    });
  }

  wake(endpoints: ReadonlySet<string>): void {
    if (this.#peers.size === 0) return;
    const line = `${[...endpoints].join('\n')}\n`;
    for (const socket of this.#peers.values()) if (!socket.destroyed) socket.write(line);
  }

  /** Connects to receivers that appeared; forgets those that died without a word. */
  refresh(): void {
    if (this.#closed) return;
    for (const name of listNames(this.#folder)) {
      if (name !== this.#own && !this.#peers.has(name)) this.#connect(name);
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#own) rmSync(join(this.#folder, this.#own), { force: true });
    this.#server?.close();
    for (const socket of this.#incoming) socket.destroy();
    for (const socket of this.#peers.values()) socket.destroy();
  }

  #connect(name: string): void {
    const [port, pid] = name.split('-').map(Number);
    if (port === undefined || !Number.isInteger(port) || pid === process.pid) return;
    const socket = connect({ port, host: loopback, noDelay: true });
    socket.unref();
    this.#peers.set(name, socket);
    socket.on('error', () => {
      if (!isAlive(pid ?? 0)) rmSync(join(this.#folder, name), { force: true });
    });
    socket.on('close', () => this.#peers.delete(name));
  }

  #accept(socket: Socket): void {
    this.#incoming.add(socket);
    socket.unref();
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('data', (text) => {
      const lines = (rest + String(text)).split('\n');
      rest = lines.pop() ?? '';
      this.onWake([...new Set(lines)]);
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#incoming.delete(socket));
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+-\d+$/.test(name));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
