/**
 * Durable before visible (R4): while one store's flush is held back, no operation of that flush is
 * acknowledged, and nobody in another process sees any of it. Each store is held in turn.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import type { Ports } from '../../src/engine/ports.js';
import {
  bytes,
  entry,
  id,
  longLease,
  message,
  receiveNow,
  receiveOne,
} from '../conformance/fixtures.js';
import { Peer } from '../conformance/peer/client.js';

const endpoint = 'orders';
let folder: string;
let deployment: EmbeddedDeployment;
let peer: Peer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-held-'));
});

afterEach(async () => {
  await peer.kill();
  await deployment.close();
  await rm(folder, { recursive: true, force: true });
});

interface Held {
  readonly environment: string;
  readonly layout?: 'island';
  readonly operation: (ports: Ports) => Promise<unknown>;
  /** What the other process may see only once the flush is through. */
  readonly visible: (peer: Ports) => Promise<boolean>;
}

const sent = message(endpoint);
const key = id();
const record = { by: 'own', at: Date.now(), expires: Date.now() + 3_600_000 };
const origin = { endpoint, messageId: key, attempt: key };

const cases: Record<string, Held> = {
  'a message': {
    environment: 'broker',
    operation: ({ broker }) => broker.send([sent]),
    visible: async ({ broker }) => (await broker.depth(endpoint)).visible > 0,
  },
  'a commit with its entry': {
    environment: 'business',
    operation: ({ business }) =>
      business.commit(endpoint, 'k', 0, { state: bytes('x'), entry: entry(key, 'k') }),
    visible: async ({ business }) => {
      const found = await business.load(endpoint, 'k', key);
      return found.version > 0 || found.entry !== null;
    },
  },
  'a dedupe record': {
    environment: 'dedupe',
    operation: ({ dedupe }) => dedupe.add(endpoint, key, record),
    visible: ({ dedupe }) => dedupe.has(endpoint, key),
  },
  'a payload': {
    environment: 'payload',
    operation: ({ payload }) => payload.put(key, bytes('x'), origin),
    visible: async ({ payload }) => (await payload.get(key)) !== null,
  },
  'an entered message': {
    environment: 'island',
    layout: 'island',
    operation: async ({ island }) => island?.enter([sent]),
    visible: async ({ broker }) => (await broker.depth(endpoint)).visible > 0,
  },
};

for (const [name, { environment, layout = 'separate', operation, visible }] of Object.entries(
  cases,
)) {
  it(`${name} is neither acknowledged nor seen elsewhere before its flush is through`, async () => {
    await open(layout);
    const flush = hold(environment);
    let acknowledged = false;
    const done = operation(deployment.ports).then(() => {
      acknowledged = true;
    });
    await flush.reached;
    for (let look = 0; look < 20; look += 1) {
      expect(await visible(peer.ports)).toBe(false);
      expect(acknowledged).toBe(false);
    }
    flush.release();
    await done;
    expect(await visible(peer.ports)).toBe(true);
  });
}

it('a message is handed to a receiver of its own process only after the flush', async () => {
  await open('separate');
  const { broker } = deployment.ports;
  let handed = false;
  const options = { visibility: longLease, wait: 30_000, worker: 'own' };
  const waiting = broker.receive(endpoint, 1, options).then((found) => {
    handed = true;
    return found;
  });
  const flush = hold('broker');
  const done = broker.send([sent]);
  await flush.reached;
  for (let look = 0; look < 20; look += 1) {
    await peer.ports.broker.depth(endpoint);
    expect(handed).toBe(false);
  }
  flush.release();
  await done;
  expect((await waiting).map((delivery) => delivery.message.id)).toEqual([sent.id]);
});

it('a transaction of the island is seen whole or not at all', async () => {
  await open('island');
  const { broker, island } = deployment.ports;
  await broker.send([sent]);
  const delivery = await receiveOne(broker, endpoint);
  const flush = hold('island');
  const change = { state: bytes('x'), transaction: id() };
  const done = island?.transact(delivery, 0, change, [message('next')]);
  await flush.reached;
  for (let look = 0; look < 10; look += 1) expect(await seenByPeer()).toEqual([1, 0, 0]);
  flush.release();
  expect(await done).toBe('done');
  expect(await seenByPeer()).toEqual([0, 1, 1]);
  expect(await receiveNow(peer.ports.broker, 'next')).toHaveLength(1);
});

/** Leased here, visible at the next endpoint, version of the entity: as the other process sees it. */
async function seenByPeer(): Promise<number[]> {
  const { broker, business } = peer.ports;
  const here = await broker.depth(endpoint);
  const next = await broker.depth('next');
  const { version } = await business.load(endpoint, sent.key, 'none');
  return [here.inFlight, next.visible, version];
}

async function open(layout: 'separate' | 'island'): Promise<void> {
  deployment = await openEmbedded({ folder, layout, worker: 'own' });
  peer = await Peer.start({ backend: 'embedded', options: { folder, layout } });
}

/** Holds back every flush of one environment until it is released. */
function hold(name: string): { reached: Promise<void>; release: () => void } {
  const environment = deployment.environments[name];
  if (environment === undefined) throw new Error(`no environment ${name}`);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = () => {
      environment.hold = null;
      resolve();
    };
  });
  const reached = new Promise<void>((resolve) => {
    environment.hold = () => {
      resolve();
      return gate;
    };
  });
  return { reached, release };
}
