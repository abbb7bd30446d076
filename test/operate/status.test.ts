/** The state of a deployment, as `oncectl status` tells it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeploymentStatus, EndpointStatus } from '../../src/operate/status/status.js';
import { linesOf } from '../bench/bench-cli.js';
import { eventually } from '../conformance/fixtures.js';
import { ShopFolder } from './shop.js';
import { json, run } from './stopped.js';

const shopFlags = ['-p', 'shop.yaml'];
const patience = 20_000;
const longestMs = 90_000;

let shop: ShopFolder;
beforeEach(async () => {
  shop = await ShopFolder.open();
});
afterEach(() => shop.close());

const status = (...flags: readonly string[]) => json(shop.folder, 'status', ...shopFlags, ...flags);

async function dataOf(
  ...flags: readonly string[]
): Promise<DeploymentStatus & { verdict: string }> {
  return (await status(...flags)).document.data;
}

function endpointIn({ endpoints }: DeploymentStatus, name: string): EndpointStatus | undefined {
  return endpoints.find(({ endpoint }) => endpoint === name);
}

it(
  'says that all is well, and reads without writing',
  async () => {
    const before = shop.digest();
    const { code, document } = await status('--check');
    expect(code).toBe(0);
    expect(document).toMatchObject({ schema: 'oncectl/status/v1', deployment: 'shop' });
    expect(document.data).toMatchObject({
      verdict: 'all 2 endpoints are well',
      needsCare: false,
      workers: [],
      endpoints: [
        { endpoint: 'orders', state: 'ok', backlog: 0, oldestAt: null, perSecond: null },
        { endpoint: 'payments', state: 'ok' },
      ],
    });
    expect(shop.digest()).toBe(before);
  },
  longestMs,
);

it(
  'names what needs care, the worst first, and --check exits with 10',
  async () => {
    await shop.leaveStuck('payments');
    await shop.leaveStuck('payments');
    await shop.leaveDead('orders');
    const { code, document } = await status('--check');
    expect(code).toBe(10);
    const data = document.data as DeploymentStatus;
    expect(data.endpoints.map(({ endpoint, state }) => [endpoint, state])).toEqual([
      ['payments', 'stuck'],
      ['orders', 'dead'],
    ]);
    expect(document.data.verdict).toMatch(
      /^2 endpoints need you: payments, 2 stuck \(oldest 60m\d\ds\); orders, 1 dead$/,
    );
    expect((await status()).code).toBe(0);
    const byName = await dataOf('--sort', 'name');
    expect(byName.endpoints.map(({ endpoint }) => endpoint)).toEqual(['orders', 'payments']);
    const patient = await dataOf('--older', '2h');
    expect(endpointIn(patient, 'payments')?.state).toBe('ok');
  },
  longestMs,
);

it(
  'a message that waits for too long, with nobody to handle it, needs care; paused, it does not',
  async () => {
    await shop.send('orders');
    const late = await status('--older', '1ms', '--check');
    expect(late.code).toBe(10);
    expect(late.document.data.verdict).toMatch(
      /^1 endpoint needs you: orders, its oldest message waits for .*, and no worker is alive$/,
    );
    expect((await status('--check')).code).toBe(0);
    await json(shop.folder, 'endpoint', 'pause', 'orders', ...shopFlags);
    const paused = await status('--older', '1ms', '--check');
    expect(paused.code).toBe(0);
    expect(endpointIn(paused.document.data, 'orders')?.state).toBe('paused');
  },
  longestMs,
);

it(
  'workers tell their rate, latency and last error, and leave the roster when they end',
  async () => {
    const worker = shop.startWorker('one');
    await shop.begins('orders', await shop.send('orders'));
    await shop.send('orders', 'Refused');
    const seen = await eventually(
      'what the worker handled and what failed',
      patience,
      () => dataOf(),
      (data) => {
        const orders = endpointIn(data, 'orders');
        return orders?.p99 !== null && orders?.lastError !== null;
      },
    );
    const orders = endpointIn(seen, 'orders');
    expect(orders?.perSecond).toBeGreaterThan(0);
    expect(orders).toMatchObject({ workers: 1, lastError: { text: 'not today' } });
    expect(endpointIn(seen, 'payments')).toMatchObject({ perSecond: 0, p99: null, workers: 1 });
    expect(seen.workers).toMatchObject([
      { name: 'one', pid: worker.pid, alive: true, endpoints: ['orders', 'payments'] },
    ]);
    worker.kill('SIGTERM');
    await worker.finished;
    expect((await dataOf()).workers).toEqual([]);
  },
  longestMs,
);

it(
  'a worker that was killed falls silent, and another one takes no place of its',
  async () => {
    const killed = shop.startWorker('killed');
    const started = (name: string) =>
      eventually(
        `${name} on the roster`,
        patience,
        () => dataOf(),
        ({ workers }) => workers?.some((worker) => worker.name === name) === true,
      );
    await started('killed');
    killed.kill('SIGKILL');
    await killed.finished;
    shop.startWorker('heir');
    await started('heir');
    const { workers } = await eventually(
      'the silence is noticed',
      30_000,
      () => dataOf(),
      (data) => data.workers?.some(({ alive }) => !alive) === true,
    );
    expect(workers?.map(({ name, alive }) => [name, alive])).toEqual([
      ['killed', false],
      ['heir', true],
    ]);
  },
  longestMs,
);

it(
  '--watch --json is a stream that ends with its summary, and 130 after Ctrl-C',
  async () => {
    const watching = shop.start('status', ...shopFlags, '--watch', '--interval', '100ms', '--json');
    const stuckSeen = () =>
      watching.lines().some(({ data }) => String(data['verdict']).includes('1 stuck'));
    await eventually(
      'a first event',
      patience,
      async () => watching.lines().length,
      (n) => n > 0,
    );
    await shop.leaveStuck('orders');
    await eventually(
      'the change',
      patience,
      async () => stuckSeen(),
      (seen) => seen,
    );
    watching.kill('SIGINT');
    const ended = await watching.finished;
    const lines = linesOf(ended.stdout);
    expect(ended.code).toBe(130);
    expect(lines[0]).toMatchObject({
      schema: 'oncectl/status.event/v1',
      seq: 1,
      type: 'snapshot',
      data: { verdict: 'all 2 endpoints are well' },
    });
    expect(lines.at(-1)).toMatchObject({ type: 'summary', data: { needsCare: true } });
    expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['snapshot', 'summary']));
  },
  longestMs,
);

it(
  '--watch in a pipe is a line each time',
  async () => {
    const watching = shop.start('status', ...shopFlags, '--watch', '--interval', '100ms');
    await eventually(
      'lines',
      patience,
      async () => watching.stdout.split('\n').length,
      (n) => n > 3,
    );
    watching.kill('SIGTERM');
    const { code, stdout } = await watching.finished;
    expect(code).toBe(143);
    for (const line of stdout.trimEnd().split('\n')) {
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\tall 2 endpoints are well$/);
    }
  },
  longestMs,
);

it(
  'a deployment that is not there is one clear line, watched or not',
  async () => {
    const nowhere = ['-p', 'shop.yaml', '--set', 'deployment.namespace=nowhere'];
    for (const flags of [[], ['--watch']]) {
      const { code, stdout, stderr } = await run(shop.folder, 'status', ...nowhere, ...flags);
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
      expect(stderr).toMatch(/^error: the folder .* does not exist\n/);
    }
  },
  longestMs,
);
