/** The wire is cut, the answer is lost, the server dies: what is unknown says so, and all goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/dev/server.js';
import { startServer } from '../../src/dev/start.js';
import {
  bytes,
  eventually,
  id,
  message,
  receiveOne,
  refusal,
  text,
} from '../conformance/fixtures.js';
import { openProxy, type TcpProxy } from '../servers/proxy.js';
import {
  asSuperuser,
  create,
  freshSchema,
  open,
  portOf,
  type Stores,
  urlOf,
} from './postgres-fixtures.js';

const patience = 20_000;

describe('a wire between us and PostgreSQL', () => {
  const schema = freshSchema();
  let proxy: TcpProxy;
  let near: Stores;
  let far: Stores;
  beforeAll(() => create({ url: urlOf(), schema }));
  beforeEach(async () => {
    proxy = await openProxy(portOf());
    near = await open({ url: urlOf(), schema });
    far = await open({ url: urlOf({ port: proxy.port }), schema });
  });
  afterEach(async () => {
    await proxy.restore();
    await far.opened.close();
    await near.opened.close();
    proxy.close();
  });
  afterAll(() => asSuperuser(`drop schema ${schema} cascade`));

  it('that loses the answer to a commit leaves it unknown, and the reload tells', async () => {
    const key = id();
    const lost = proxy.loseNextAnswer('commit');
    const error = await refusal(far.business.commit('e', key, 0, { state: bytes('there') }));
    expect([error.kind, error.happened]).toEqual(['unreachable', 'unknown']);
    await lost;
    const found = await eventually(
      'the commit',
      patience,
      () => far.business.load('e', key, id()),
      ({ version }) => version === 1,
    );
    expect(text(found.state)).toBe('there');
  });

  it('that loses the answer to a send leaves it unknown: the message is there', async () => {
    const sent = message(`q-${id().toLowerCase()}`);
    const lost = proxy.loseNextAnswer('send');
    expect((await refusal(far.broker.send([sent]))).happened).toBe('unknown');
    await lost;
    const delivery = await receiveOne(near.broker, sent.endpoint);
    expect(delivery.message.id).toBe(sent.id);
  });

  it('that loses the answer to a local transaction leaves it unknown; it took the message', async () => {
    const sent = message(`q-${id().toLowerCase()}`, { key: id() });
    await far.island.enter([sent]);
    const delivery = await receiveOne(far.broker, sent.endpoint);
    const lost = proxy.loseNextAnswer('transact');
    const outcome = far.island.transact(delivery, 0, { state: bytes('1') }, []);
    expect((await refusal(outcome)).happened).toBe('unknown');
    await lost;
    await eventually(
      'the end of the copy',
      patience,
      () => near.broker.depth(sent.endpoint),
      ({ inFlight, visible }) => inFlight + visible === 0,
    );
    expect(await far.island.transact(delivery, 1, { state: bytes('2') }, [])).toBe('gone');
    expect(text((await near.business.load(sent.endpoint, sent.key, id())).state)).toBe('1');
  });

  it('that is cut makes what comes next wait, and goes on when it is whole again', async () => {
    proxy.cut();
    const key = id();
    const commit = far.business.commit('e', key, 0, { state: bytes('x') });
    const first = await Promise.race([commit.catch((error: unknown) => error), restoreSoon()]);
    // The cut may have met the commit on its way; then it says so.
    if (first === 'restored') expect(await commit).toBe(1);
    const sent = message(`q-${id().toLowerCase()}`);
    await far.broker.send([sent]);
    expect((await receiveOne(far.broker, sent.endpoint)).message.id).toBe(sent.id);
  });

  it('that was cut brings a waiting receiver its message all the same', async () => {
    const sent = message(`q-${id().toLowerCase()}`);
    const waiting = receiveOne(far.broker, sent.endpoint, 60_000, patience);
    proxy.cut();
    await near.broker.send([sent]);
    await proxy.restore();
    expect((await waiting).message.id).toBe(sent.id);
  });

  it('that is slow makes everything slow, and wrong nothing', async () => {
    proxy.slow(40);
    const key = id();
    const began = performance.now();
    expect(await far.business.commit('e', key, 0, { state: bytes('x') })).toBe(1);
    expect(performance.now() - began).toBeGreaterThan(75);
  });

  async function restoreSoon(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await proxy.restore();
    return 'restored';
  }
});

describe('a PostgreSQL server that is killed in the middle of a run', () => {
  let folder: string;
  let server: RunningServer;
  let stores: Stores;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oncectl-restart-'));
    server = (await startServer('postgres-18', { folder })) as RunningServer;
    const target = { url: urlOf({ port: server.port }), schema: freshSchema() };
    await create(target);
    stores = await open(target);
  });
  afterAll(async () => {
    await stores.opened.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['kill', 'clean'] as const)('(%s) takes nothing back, and all goes on', async (how) => {
    const endpoint = `q-${id().toLowerCase()}`;
    const acknowledged = new Set<string>();
    const unknown = new Set<string>();
    let isRunning = true;
    const sending = Array.from({ length: 8 }, async () => {
      while (isRunning) {
        const sent = message(endpoint);
        try {
          await stores.broker.send([sent]);
          acknowledged.add(sent.id);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'unreachable' });
          unknown.add(sent.id);
        }
      }
    });
    const many = (count: number) =>
      eventually(
        'sends',
        patience,
        async () => acknowledged.size,
        (size) => size > count,
      );
    await many(50);
    await server.restart(how);
    await many(acknowledged.size + 50);
    isRunning = false;
    await Promise.all(sending);
    const received = await drained(endpoint);
    for (const one of acknowledged) expect(received.has(one)).toBe(true);
    for (const one of received) expect(acknowledged.has(one) || unknown.has(one)).toBe(true);
    expect(unknown.size).toBeLessThanOrEqual(16);
  });

  async function drained(endpoint: string): Promise<Set<string>> {
    const found = new Set<string>();
    for (;;) {
      const options = { visibility: 60_000, wait: 300, worker: 'w' };
      const batch = await stores.broker.receive(endpoint, 100, options);
      if (batch.length === 0) return found;
      for (const { message: one } of batch) found.add(one.id);
      await Promise.all(batch.map(({ receipt }) => stores.broker.ack(endpoint, receipt)));
    }
  }
});
