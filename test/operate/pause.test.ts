/** An endpoint that an operator pauses, with real workers that die and come back meanwhile. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeploymentStatus } from '../../src/operate/status/status.js';
import type { RunningCli } from '../bench/bench-cli.js';
import { eventually } from '../conformance/fixtures.js';
import { ShopFolder } from './shop.js';
import { json, run } from './stopped.js';

const shopFlags = ['-p', 'shop.yaml'];
const patience = 20_000;
/** What is promised. */
const obeyedWithinMs = 1000;

let shop: ShopFolder;
beforeEach(async () => {
  shop = await ShopFolder.open();
});
afterEach(() => shop.close());

const status = async (): Promise<DeploymentStatus> =>
  (await json(shop.folder, 'status', ...shopFlags)).document.data;

async function alive(...names: readonly string[]): Promise<void> {
  await eventually(
    `${names.join(', ')} alive`,
    patience,
    status,
    ({ workers }) =>
      names.every((name) => workers?.some((worker) => worker.name === name && worker.alive)) ===
      true,
  );
}

async function ended(worker: RunningCli): Promise<void> {
  worker.kill('SIGKILL');
  await worker.finished;
}

/** Both workers have handled something of `payments`: whatever they could receive, they had the time to. */
async function othersGoOn(): Promise<void> {
  for (let sent = 0; sent < 5; sent++) {
    await shop.begins('payments', await shop.send('payments'));
  }
}

it('receives nothing within a second, finishes what is in hand, and goes on when resumed', async () => {
  const first = shop.startWorker('one');
  const second = shop.startWorker('two');
  await alive('one', 'two');
  const held = await shop.send('orders', 'Held');
  await shop.begins('orders', held);

  const paused = await json(
    shop.folder,
    'endpoint',
    'pause',
    'orders',
    ...shopFlags,
    '--reason',
    'x',
  );
  expect(paused.code, paused.stderr).toBe(0);
  expect(paused.document.data).toMatchObject({ endpoint: 'orders', changed: true });
  await new Promise((resolve) => setTimeout(resolve, obeyedWithinMs));
  const waiting = await Promise.all(Array.from({ length: 5 }, () => shop.send('orders')));
  await othersGoOn();
  expect(await shop.depth('orders')).toMatchObject({ visible: 5, inFlight: 1 });

  shop.go();
  await eventually(
    'what was in hand is finished',
    patience,
    () => shop.depth('orders'),
    ({ inFlight }) => inFlight === 0,
  );
  expect(await shop.depth('orders')).toMatchObject({ visible: 5, dead: 0 });

  const again = await run(shop.folder, 'endpoint', 'pause', 'orders', ...shopFlags);
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/^orders was paused already, by \S+@\S+ since /);
  const orders = (await status()).endpoints.find(({ endpoint }) => endpoint === 'orders');
  expect(orders).toMatchObject({ state: 'paused', pause: { reason: 'x' }, backlog: 5 });

  await ended(first);
  await ended(second);
  shop.startWorker('three');
  await alive('three');
  await othersGoOn();
  expect(await shop.depth('orders')).toMatchObject({ visible: 5, inFlight: 0 });

  const resumed = await json(shop.folder, 'endpoint', 'resume', 'orders', ...shopFlags);
  expect(resumed.document.data).toMatchObject({ changed: true, pause: { reason: 'x' } });
  for (const messageId of waiting) await shop.begins('orders', messageId);
  expect(
    (await json(shop.folder, 'endpoint', 'resume', 'orders', ...shopFlags)).document.data,
  ).toMatchObject({ changed: false, logId: null });
}, 90_000);

it('is undone by its opposite, once; another pause is left alone', async () => {
  const pause = () => json(shop.folder, 'endpoint', 'pause', 'orders', ...shopFlags);
  const { logId } = (await pause()).document.data;
  const undone = await json(shop.folder, 'undo', String(logId), ...shopFlags, '--yes');
  expect(undone.code, undone.stderr).toBe(0);
  expect(undone.document.data.counts).toMatchObject({ done: 1 });
  const list = async () =>
    (await json(shop.folder, 'endpoint', 'list', ...shopFlags)).document.data;
  expect(await list()).toEqual([
    { endpoint: 'orders', pause: null },
    { endpoint: 'payments', pause: null },
  ]);
  await pause();
  const late = await json(shop.folder, 'undo', String(logId), ...shopFlags, '--yes');
  expect(late.document.data.counts).toMatchObject({ done: 0, yielded: 1 });
  const resumed = await json(shop.folder, 'endpoint', 'resume', 'orders', ...shopFlags);
  const back = await json(
    ...([shop.folder, 'undo', String(resumed.document.data.logId), ...shopFlags, '--yes'] as const),
  );
  expect(back.document.data.counts).toMatchObject({ done: 1 });
  expect((await list())[0].pause).not.toBeNull();
}, 60_000);
