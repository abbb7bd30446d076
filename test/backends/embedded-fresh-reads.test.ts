/**
 * R3 in the one way that only an embedded store can break it: LMDB hands out one cached read
 * snapshot for a whole turn of the event loop. Here the turn is frozen while another process writes.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import type { Ports } from '../../src/engine/ports.js';
import { bytes, id } from '../conformance/fixtures.js';
import { Peer } from '../conformance/peer/client.js';

const endpoint = 'orders';
let folder: string;
let deployment: EmbeddedDeployment;
let peer: Peer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-fresh-'));
  deployment = await openEmbedded({ folder, layout: 'separate', worker: 'own' });
  peer = await Peer.start({ backend: 'embedded', options: { folder, layout: 'separate' } });
});

afterEach(async () => {
  await peer.kill();
  await deployment.close();
  await rm(folder, { recursive: true, force: true });
});

/** Has the peer write and blocks this thread, event loop and all, until the peer says it is done. */
function writeWhileFrozen(port: keyof Ports, method: string, ...given: unknown[]): void {
  const flag = join(folder, `wake/done-${id()}`);
  void peer.call({ port, method, arguments: given, flag });
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + 10_000;
  while (!existsSync(flag)) {
    if (Date.now() > deadline) throw new Error('the peer did not write while this process froze');
    Atomics.wait(cell, 0, 0, 5);
  }
}

it('sees a dedupe record that another process added within the same turn', async () => {
  const messageId = id();
  expect(await deployment.ports.dedupe.has(endpoint, messageId)).toBe(false);
  const before = deployment.ports.dedupe.has(endpoint, id());
  const record = { by: 'peer', at: Date.now(), expires: Date.now() + 60_000 };
  writeWhileFrozen('dedupe', 'add', endpoint, messageId, record);
  const after = deployment.ports.dedupe.has(endpoint, messageId);
  expect(await Promise.all([before, after])).toEqual([false, true]);
});

it('misses a payload that another process deleted within the same turn', async () => {
  const payloadId = id();
  const origin = { endpoint, messageId: id(), attempt: id() };
  await deployment.ports.payload.put(payloadId, bytes('token'), origin);
  const before = deployment.ports.payload.get(payloadId);
  writeWhileFrozen('payload', 'delete', payloadId);
  const after = deployment.ports.payload.get(payloadId);
  expect(await before).not.toBeNull();
  expect(await after).toBeNull();
});

it('loads what another process committed within the same turn', async () => {
  const before = deployment.ports.business.load(endpoint, 'k', id());
  writeWhileFrozen('business', 'commit', endpoint, 'k', 0, { state: bytes('new') });
  const after = deployment.ports.business.load(endpoint, 'k', id());
  expect((await before).version).toBe(0);
  expect((await after).version).toBe(1);
});
