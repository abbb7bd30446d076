/** Endpoints of one's own in a process of one's own, on an embedded deployment. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdSource } from '../../src/engine/ids.js';
import {
  type EmbeddedServiceOptions,
  endpoint,
  type OncectlError,
  protocolNames,
  type Service,
  type ServiceFailure,
  startService,
} from '../../src/index.js';
import { settles } from '../conformance/fixtures.js';

interface Orders {
  readonly placed: number;
}

interface Stock {
  readonly reserved: number;
}

const orders = endpoint<{ OrderPlaced: { count: number } }, Orders>({
  name: 'orders',
  handlers: {
    OrderPlaced: async (message, entity, send) => {
      entity.state = { placed: (entity.state?.placed ?? 0) + 1 };
      const { count } = message.body;
      send({ type: 'Reserve', to: 'stock', key: 'everything', body: { count } });
    },
  },
});

const stock = endpoint<{ Reserve: { count: number } }, Stock>({
  name: 'stock',
  handlers: {
    Reserve: (message, entity) => {
      entity.state = { reserved: (entity.state?.reserved ?? 0) + message.body.count };
    },
  },
});

/** An endpoint that takes every type of message and handles none. */
function refusing(name: string, reason: string) {
  const refuse = () => {
    throw new Error(reason);
  };
  return endpoint<Record<string, unknown>>({ name, handlers: { '*': refuse } });
}

const patience = 20_000;
let folder: string;
let running: Service[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-service-'));
});

afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedServiceOptions> = {}): Promise<Service> {
  const service = await startService({ folder, endpoints: [orders, stock], ...options });
  running.push(service);
  return service;
}

async function stop(service: Service): Promise<void> {
  running = running.filter((one) => one !== service);
  await service.stop();
}

function settled(service: Service): Promise<void> {
  return settles('every queue empty', patience, service.settled());
}

function place(service: Service, key: string, id?: string): Promise<string> {
  const message = { to: 'orders', type: 'OrderPlaced', key, body: { count: 2 } };
  return service.send(id === undefined ? message : { ...message, id });
}

async function failureOf(work: Promise<unknown>): Promise<OncectlError> {
  return work.then(
    () => expect.unreachable('it was not refused'),
    (error: OncectlError) => error,
  );
}

describe.each(protocolNames.filter((name) => name !== 'none'))('with %s', (protocol) => {
  it('applies every message once, over both endpoints, and goes on after a restart', async () => {
    const first = await start({ protocol });
    const keys = ['a', 'b', 'c'];
    const sends = Array.from({ length: 30 }, (_, at) => place(first, keys[at % 3] ?? ''));
    const ids = await Promise.all(sends);
    expect(new Set(ids).size).toBe(30);
    await settled(first);
    for (const key of keys) expect(await first.state('orders', key)).toEqual({ placed: 10 });
    expect(await first.state('stock', 'everything')).toEqual({ reserved: 60 });
    await stop(first);

    const second = await start({ protocol });
    expect(await second.state('orders', 'a')).toEqual({ placed: 10 });
    await place(second, 'a');
    await settled(second);
    expect(await second.state('orders', 'a')).toEqual({ placed: 11 });
    expect(await second.state('stock', 'everything')).toEqual({ reserved: 62 });
  });
});

it.each(['local-transaction', 'outbox', 'dedupe-store'] as const)(
  'recognises a send that is repeated with the same id, also later (%s)',
  async (protocol) => {
    const service = await start({ protocol });
    const id = new IdSource().next();
    expect(await place(service, 'a', id)).toBe(id);
    await place(service, 'a', id);
    await settled(service);
    await place(service, 'a', id);
    await settled(service);
    expect(await service.state('orders', 'a')).toEqual({ placed: 1 });
    expect(await service.state('stock', 'everything')).toEqual({ reserved: 2 });
  },
);

it('goes on with what another run of it was told and did not finish', async () => {
  let failures = 0;
  const first = await start({
    endpoints: [refusing('orders', 'not today'), stock],
    maxAttempts: 1000,
    onFailure: () => {
      failures++;
    },
  });
  await place(first, 'a');
  await settles(
    'a failure',
    patience,
    untilTrue(() => failures > 0),
  );
  await stop(first);
  const second = await start();
  await settled(second);
  expect(await second.state('orders', 'a')).toEqual({ placed: 1 });
  expect(await second.state('stock', 'everything')).toEqual({ reserved: 2 });
});

it('tells of every failed attempt, and of the one that made a dead letter', async () => {
  const told: ServiceFailure[] = [];
  const service = await start({
    endpoints: [orders, refusing('stock', 'out of stock')],
    maxAttempts: 2,
    onFailure: (failure) => told.push(failure),
  });
  await place(service, 'a');
  await settled(service);
  expect(told.map(({ endpoint, what }) => [endpoint, what])).toEqual([
    ['stock', 'released'],
    ['stock', 'dead'],
  ]);
  expect(new Set(told.map(({ messageId }) => messageId)).size).toBe(1);
  expect(told[0]?.error).toMatchObject({ kind: 'handler', message: 'out of stock' });
  expect(await service.state('orders', 'a')).toEqual({ placed: 1 });
  expect(await service.state('stock', 'everything')).toBeNull();
});

it('knows no state of an entity that nothing happened to', async () => {
  expect(await (await start()).state('orders', 'nobody')).toBeNull();
});

it('refuses to send to an endpoint that it does not have, and names those it has', async () => {
  const service = await start();
  const error = await failureOf(service.send({ to: 'order', type: 'OrderPlaced', key: 'a' }));
  expect(error).toMatchObject({ kind: 'usage', message: 'there is no endpoint "order"' });
  expect(error.hint).toContain('orders, stock');
});

it.each(['', '\ud800', 'k'.repeat(2000)])(
  'refuses a key that no store can hold (%#)',
  async (key) => {
    const error = await failureOf(place(await start(), key));
    expect(error).toMatchObject({ kind: 'invalid-message', happened: 'no' });
  },
);

it('refuses two endpoints of one name', async () => {
  const error = await failureOf(start({ endpoints: [orders, orders] }));
  expect(error).toMatchObject({ kind: 'usage', message: 'two endpoints are called "orders"' });
});

it('refuses the folder of a deployment whose stores are laid out otherwise', async () => {
  await stop(await start({ protocol: 'outbox' }));
  expect(await failureOf(start({ protocol: 'local-transaction' }))).toMatchObject({
    kind: 'format',
  });
});

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('on the deployment of a profile', () => {
  const profile = `
deployment:
  protocol: token
  namespace: NAME
  endpoints:
    - { name: orders, sendsTo: stock }
    - { name: stock }
load: { rate: 1/s }
`;

  async function onProfile(endpoints: EmbeddedServiceOptions['endpoints']): Promise<Service> {
    const path = join(folder, 'shop.yaml');
    // An embedded deployment lies below the working folder: its name keeps it apart from others.
    const namespace = `service-${process.pid}`;
    await writeFile(path, profile.replace('NAME', namespace));
    left = join(process.cwd(), '.oncectl', namespace);
    const service = await startService({ profile: path, endpoints });
    running.push(service);
    return service;
  }

  let left = '';

  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
    await rm(left, { recursive: true, force: true });
  });

  it('two processes of one service handle an endpoint each', async () => {
    const sender = await onProfile([orders]);
    const receiver = await onProfile([stock]);
    for (const key of ['a', 'b']) await place(sender, key);
    await settled(sender);
    await settled(receiver);
    expect(await receiver.state('stock', 'everything')).toEqual({ reserved: 4 });
    expect(await sender.state('orders', 'a')).toEqual({ placed: 1 });
  });

  it('refuses an endpoint that the profile does not have', async () => {
    const failure = await failureOf(onProfile([refusing('billing', 'never')]));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toBe('the profile has no endpoint "billing"');
    expect(failure.hint).toBe('it has: orders, stock');
  });
});
