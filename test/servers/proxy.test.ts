import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openProxy, type TcpProxy } from './proxy.js';

/** A server that answers each line with the same line, and remembers what it was told. */
let server: Server;
let proxy: TcpProxy;
let told: string[] = [];
const open: Socket[] = [];

beforeEach(async () => {
  told = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.setEncoding('utf8').on('data', (text: string) => {
      told.push(text);
      socket.write(text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await openProxy((server.address() as AddressInfo).port);
});

afterEach(() => {
  proxy.close();
  server.close();
  for (const socket of open.splice(0)) socket.destroy();
});

async function connect(): Promise<Socket> {
  const socket = new Socket().setEncoding('utf8').connect(proxy.port, '127.0.0.1');
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, line: string): Promise<string> {
  socket.write(line);
  return (await once(socket, 'data'))[0];
}

const failure = async (socket: Socket): Promise<string> => (await once(socket, 'error'))[0].code;

describe('the proxy', () => {
  it('lets pass what both say', async () => {
    const socket = await connect();
    expect(await ask(socket, 'a')).toBe('a');
    expect(await ask(socket, 'b')).toBe('b');
  });

  it('passes on the end of a connection, behind what was said before it', async () => {
    proxy.slow(30);
    const socket = await connect();
    socket.end('last');
    expect((await once(socket, 'data'))[0]).toBe('last');
    await once(socket, 'close');
    await vi.waitFor(() => expect(proxy.connections).toBe(0));
  });

  it('cut, resets connections and refuses new ones; restored, takes them on its port', async () => {
    const socket = await connect();
    await ask(socket, 'a');
    const failed = failure(socket);
    proxy.cut();
    expect(await failed).toBe('ECONNRESET');
    await expect(connect()).rejects.toThrow('ECONNREFUSED');
    await proxy.restore();
    expect(await ask(await connect(), 'b')).toBe('b');
  });

  it('frozen, holds back what is said until it is restored', async () => {
    const socket = await connect();
    await ask(socket, 'a');
    proxy.freeze();
    socket.write('b');
    // Passes by the same way, without the proxy: the server has had its turn.
    const beside = new Socket().connect((server.address() as AddressInfo).port, '127.0.0.1');
    open.push(beside);
    await ask(beside.setEncoding('utf8'), 'c');
    expect(told).toEqual(['a', 'c']);
    const answered = once(socket, 'data');
    await proxy.restore();
    expect((await answered)[0]).toBe('b');
  });

  it('slow, delays each direction', async () => {
    const socket = await connect();
    proxy.slow(40);
    const began = performance.now();
    await ask(socket, 'a');
    expect(performance.now() - began).toBeGreaterThanOrEqual(78);
  });

  it('loses the answer to the next request, which the server has done', async () => {
    const [one, other] = [await connect(), await connect()];
    await ask(other, 'a');
    const lost = proxy.loseNextAnswer();
    const failed = failure(one);
    one.write('b');
    expect(await failed).toBe('ECONNRESET');
    await lost;
    expect(told).toEqual(['a', 'b']);
    expect(await ask(other, 'c')).toBe('c');
  });

  it('loses the answer to the request that contains a text', async () => {
    const socket = await connect();
    const lost = proxy.loseNextAnswer('COMMIT');
    expect(await ask(socket, 'INSERT')).toBe('INSERT');
    const failed = failure(socket);
    socket.write('COMMIT;');
    expect(await failed).toBe('ECONNRESET');
    await lost;
    expect(told).toEqual(['INSERT', 'COMMIT;']);
  });
});
