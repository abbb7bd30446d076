/** An HTTP proxy before an S3 server: answers in its place, or loses requests and answers. */
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of a request: `pass` it on; `lose-request` cuts the connection before it, `lose-answer`
 * after the server has carried it out; `unconditional` passes it on without its conditions; or an
 * answer in the server's place.
 */
export type Fate =
  | 'pass'
  | 'lose-request'
  | 'lose-answer'
  | 'unconditional'
  | { readonly status: number; readonly code: string };

export interface Seen {
  readonly method: string;
  /** Path in the bucket and query, decoded. */
  readonly path: string;
  /** It carries If-Match or If-None-Match. */
  readonly isConditional: boolean;
}

export class FaultProxy {
  /** A promise holds the request back. */
  fate: (seen: Seen) => Fate | Promise<Fate> = () => 'pass';
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #target: URL;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => void this.#meet(incoming, Buffer.concat(chunks), outgoing));
    });
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #meet(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<void> {
    const seen = seenOf(incoming);
    this.seen.push(seen);
    const fate = await this.fate(seen);
    if (fate === 'lose-request') incoming.socket.destroy();
    else if (typeof fate === 'object') {
      outgoing.writeHead(fate.status, { 'content-type': 'application/xml' });
      outgoing.end(`<?xml version="1.0"?><Error><Code>${fate.code}</Code></Error>`);
    } else this.#forward(incoming, body, fate, outgoing);
  }

  #forward(
    incoming: IncomingMessage,
    body: Buffer,
    fate: 'pass' | 'lose-answer' | 'unconditional',
    outgoing: ServerResponse,
  ): void {
    const { 'if-match': _, 'if-none-match': __, ...plain } = incoming.headers;
    const onwards = request(
      {
        host: this.#target.hostname,
        port: this.#target.port,
        method: incoming.method,
        path: incoming.url,
        headers: fate === 'unconditional' ? plain : incoming.headers,
      },
      (answer) => {
        if (fate === 'lose-answer') {
          answer.resume();
          answer.on('end', () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onwards.end(body);
  }
}

function seenOf({ method = '', url = '', headers }: IncomingMessage): Seen {
  const path = decodeURIComponent(url).replace(/^\/[^/?]*\/?/, '');
  const isConditional = 'if-match' in headers || 'if-none-match' in headers;
  return { method, path, isConditional };
}
