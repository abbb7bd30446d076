/** Status and pauses on real servers: what a broker cannot tell is said, not guessed. */
import { beforeAll, expect, it } from 'vitest';
import type { Environment } from '../../src/dev/server.js';
import type { DeploymentStatus } from '../../src/operate/status/status.js';
import { eventually } from '../conformance/fixtures.js';
import { environmentOf } from '../servers/provided.js';
import { isFull } from './length.js';
import { ShopFolder } from './shop.js';
import { json } from './stopped.js';

const shopFlags = ['-p', 'shop.yaml'];
const patience = 30_000;
const longestMs = 120_000;

beforeAll(() => {
  const servers: readonly Environment[] = [
    ...[environmentOf('postgres-18'), environmentOf('sqs-s3'), environmentOf('dynamodb')],
  ];
  Object.assign(process.env, ...servers);
});

const backends = [
  ['postgres', 'number'],
  ['sqs-s3', 'string'],
  ['sqs-dynamodb', 'string'],
] as const;

it.each(isFull ? backends : backends.slice(1, 2))(
  '%s: workers, what waits, and a pause',
  async (backend, ageIs) => {
    const shop = await ShopFolder.open({ backend });
    try {
      const status = () => json(shop.folder, 'status', ...shopFlags);
      const dataOf = async (): Promise<DeploymentStatus> => (await status()).document.data;
      shop.startWorker('one');
      await shop.begins('orders', await shop.send('orders'));
      const paused = await json(shop.folder, 'endpoint', 'pause', 'orders', ...shopFlags);
      expect(paused.code, paused.stderr).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const waiting = await shop.send('orders');
      await shop.begins('payments', await shop.send('payments'));
      await eventually(
        'the worker, and the message that waits',
        patience,
        dataOf,
        ({ endpoints, workers }) =>
          workers?.[0]?.name === 'one' &&
          endpoints.some((one) => one.endpoint === 'orders' && one.backlog === 1),
      );
      const { document, stderr } = await status();
      const [orders] = (document.data as DeploymentStatus).endpoints;
      expect(orders, stderr).toMatchObject({ endpoint: 'orders', state: 'paused', visible: 1 });
      expect(typeof orders?.oldestAt).toBe(ageIs);
      const blind = document.coverage.filter(({ store }: { store: string }) => store === 'broker');
      expect(blind).toHaveLength(ageIs === 'number' ? 0 : 2);
      await json(shop.folder, 'endpoint', 'resume', 'orders', ...shopFlags);
      await shop.begins('orders', waiting);
    } finally {
      await json(shop.folder, 'deploy', 'down', 'shop.yaml', '--yes', '--force');
      await shop.close();
    }
  },
  longestMs,
);
