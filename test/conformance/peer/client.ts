/** Ports of a deployment that another OS process has opened. */
import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Conflict, OncectlError } from '../../../src/engine/errors.js';
import type { Ports } from '../../../src/engine/ports.js';
import type { PortCall, PortReply } from './calls.js';
import { compileProgram, type Program } from './compile.js';
import type { PeerTarget } from './openers.js';

const source = join(dirname(fileURLToPath(import.meta.url)), 'program.ts');

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Peer {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly program: Program,
  ) {}

  static async start(target: PeerTarget): Promise<Peer> {
    const program = await compileProgram(source);
    const argument = JSON.stringify(target);
    const child = fork(program.path, [argument], { serialization: 'advanced', execArgv: [] });
    const peer = new Peer(child, program);
    child.on('message', (reply: PortReply) => peer.settle(reply));
    child.on('exit', (code, signal) => peer.fail(`the peer ended: ${signal ?? code}`));
    peer.name = String(await peer.expect(0));
    return peer;
  }

  private name = '';

  /** Every port; a method call becomes a message to the peer. An abort signal cannot travel. */
  get ports(): Ports {
    const { name } = this;
    return {
      broker: this.port('broker'),
      business: this.port('business'),
      dedupe: this.port('dedupe'),
      payload: this.port('payload', { name }),
      island: this.port('island'),
    };
  }

  private port<P extends keyof Ports>(port: P, fields: object = {}): Required<Ports>[P] {
    return new Proxy(fields, {
      get: (own, method) =>
        method in own
          ? Reflect.get(own, method)
          : (...given: unknown[]) => this.call({ port, method: String(method), arguments: given }),
    }) as Required<Ports>[P];
  }

  call(call: Omit<PortCall, 'id'>): Promise<unknown> {
    this.lastId += 1;
    const id = this.lastId;
    const answer = this.expect(id);
    this.child.send({ ...call, id });
    return answer;
  }

  /** Ends the peer without a word, as a crash does. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.kill('SIGKILL')) await ended;
    await this.program.remove();
  }

  private expect(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private settle({ id, value, error }: PortReply): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(revived(error));
  }

  private fail(reason: string): void {
    const error = new OncectlError('worker-lost', reason, { happened: 'unknown' });
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
  }
}

function revived({ kind, message, about, ...rest }: NonNullable<PortReply['error']>): OncectlError {
  if (kind === 'conflict') return new Conflict(about ?? '');
  const details = { happened: rest.happened, ...(about === undefined ? {} : { about }) };
  return new OncectlError(kind, message, details);
}
