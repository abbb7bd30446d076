/** The server is killed and started again while workers commit: nothing acknowledged is lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDynamodb } from '../../src/dev/dynamodb.js';
import type { RunningServer } from '../../src/dev/server.js';
import { Conflict, OncectlError } from '../../src/engine/errors.js';
import { bytes, eventually, id, text } from '../conformance/fixtures.js';
import { makeTables, openStores, optionsFor, type Stores } from './dynamodb/stores.js';

let server: RunningServer;
let stores: readonly Stores[] = [];
const folder = mkdtempSync(join(tmpdir(), 'oncectl-restart-'));

beforeAll(async () => {
  server = await startDynamodb({ folder });
  const options = optionsFor({ environment: server.environment, title: 'own', layout: 'inside' });
  await makeTables(options);
  stores = await Promise.all([1, 2].map(() => openStores(options)));
});
afterAll(async () => {
  for (const { opened } of stores) await opened.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a restart in the middle of a run loses and doubles no commit', async () => {
  const done = { known: 0, unknown: 0 };
  let running = true;
  const writers = stores.map(async ({ business }) => {
    while (running) await countOne(business, done);
  });
  for (const until of [30, 60]) {
    await eventually(
      'commits',
      20_000,
      async () => done.known,
      (known) => known >= until,
    );
    await server.restart('kill');
  }
  await eventually(
    'commits',
    20_000,
    async () => done.known,
    (known) => known >= 90,
  );
  running = false;
  await Promise.all(writers);
  const [{ business, evidence }] = stores as [Stores];
  const { state, version } = await business.load('orders', 'k', id());
  const count = Number(text(state));
  expect(count).toBe(version);
  expect(count).toBeGreaterThanOrEqual(done.known);
  expect(count).toBeLessThanOrEqual(done.known + done.unknown);
  const records = await evidence.takeRecords(100_000);
  const versions = Array.from({ length: version }, (_, index) => index + 1);
  expect(records.map((record) => record.version)).toEqual(versions);
});

async function countOne(
  business: Stores['business'],
  done: { known: number; unknown: number },
): Promise<void> {
  try {
    const found = await business.load('orders', 'k', id());
    const state = bytes(String(Number(text(found.state) ?? 0) + 1));
    const transaction = id();
    const version = found.version + 1;
    const nothing = { before: '', after: '', outgoing: [], previous: found.transaction };
    const record = {
      endpoint: 'orders',
      key: 'k',
      messageId: id(),
      transaction,
      version,
      ...nothing,
    };
    await business.commit('orders', 'k', found.version, { state, transaction, record });
    done.known++;
  } catch (error) {
    if (!(error instanceof OncectlError)) throw error;
    if (!(error instanceof Conflict) && error.happened === 'unknown') done.unknown++;
  }
}
