/** A deployment from end to end, as a user makes, checks, works and removes it, on PostgreSQL. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoint } from '../../src/engine/handler.js';
import { type Service, startService } from '../../src/index.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { eventually, id } from '../conformance/fixtures.js';
import { environmentOf } from '../servers/provided.js';
import { runCli } from './run-cli.js';

const executable = fileURLToPath(new URL('../../bin/oncectl.js', import.meta.url));
const patience = 20_000;
let folder: BenchFolder;
let profile: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await BenchFolder.create();
  environment = { ...environmentOf('postgres-18') };
  Object.assign(process.env, environment);
  profile = await folder.write('shop.yaml', {
    deployment: {
      backend: 'postgres',
      protocol: 'outbox',
      namespace: `shop-${id().toLowerCase()}`,
      endpoints: [{ name: 'orders', sendsTo: 'billing' }, { name: 'billing' }],
    },
    load: { rate: '1/s' },
  });
});

afterAll(() => folder.remove());

async function oncectl(...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, '--json'], {
    cwd: folder.path,
    env: environment,
  });
  return { code, stderr, document: JSON.parse(stdout) };
}

const states = ({ document }: { document: { data: Array<{ state: string }> } }) =>
  document.data.map(({ state }) => state);

describe('deploy, doctor and worker', () => {
  it('what is not deployed is told, and how to mend it', async () => {
    const { code, document } = await oncectl('worker', profile);
    expect(code).toBe(5);
    expect(document.error.message).toMatch(/^the schema oncectl_shop_\w+ is missing$/);
    expect(document.error.hint).toContain('oncectl deploy up');
  });

  it('a dry run makes nothing; up makes it; up again finds it ready', async () => {
    expect(states(await oncectl('deploy', 'status', profile))).toEqual(['missing']);
    const dry = await oncectl('deploy', 'up', profile, '--dry-run');
    expect(dry.document.data).toMatchObject([{ kind: 'schema', action: 'make', done: false }]);
    expect(states(await oncectl('deploy', 'status', profile))).toEqual(['missing']);
    const up = await oncectl('deploy', 'up', profile);
    expect(up.document.data).toMatchObject([{ kind: 'schema', action: 'make', done: true }]);
    expect(states(await oncectl('deploy', 'status', profile))).toEqual(['ready']);
    const again = await oncectl('deploy', 'up', profile);
    expect(again.document.data).toMatchObject([{ action: 'none', done: false }]);
  });

  it('the doctor finds nothing that would break a protocol', async () => {
    const { code, document } = await oncectl('doctor', profile, '--check');
    const breaking = document.data.filter(
      ({ verdict }: { verdict: string }) => verdict === 'breaks',
    );
    expect(breaking).toEqual([]);
    expect(code).toBe(0);
    expect(document.data.length).toBeGreaterThan(4);
  });

  it('a service enters messages, down refuses to lose them, and a worker handles them', async () => {
    const service = await sender();
    await service.send({ to: 'billing', type: 'Charge', key: 'cust-1', body: 1 });
    const refused = await oncectl('deploy', 'down', profile, '--yes');
    expect(refused.code).toBe(4);
    expect(refused.document.error.about).toBe('billing: 1');
    expect(states(await oncectl('deploy', 'status', profile))).toEqual(['ready']);
    expect(await handledByWorker(service)).toBe('SIGTERM handled');
    await service.stop();
  });

  it('nobody at a terminal is asked: down wants its --yes, and then removes everything', async () => {
    expect((await oncectl('deploy', 'down', profile)).code).toBe(4);
    const down = await oncectl('deploy', 'down', profile, '--yes');
    expect(down.document.data).toMatchObject([{ action: 'remove', done: true }]);
    expect(states(await oncectl('deploy', 'status', profile))).toEqual(['missing']);
    const again = await oncectl('deploy', 'down', profile, '--yes');
    expect(again.code).toBe(0);
  });
});

/** Hosts `orders` alone, so that what is sent to `billing` waits for somebody else. */
function sender(): Promise<Service> {
  const orders = endpoint<Record<string, unknown>>({ name: 'orders', handlers: { '*': () => {} } });
  return startService({ profile, endpoints: [orders] });
}

async function handledByWorker(service: Service): Promise<string> {
  const args = [executable, 'worker', profile, '--endpoint', 'billing', '--json'];
  const worker = spawn(process.execPath, args, {
    cwd: folder.path,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  worker.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ended = new Promise((resolve) => worker.once('close', resolve));
  const state = () => service.state<{ handled: number }>('billing', 'cust-1');
  await eventually('the message handled', patience, state, (found) => found?.handled === 1);
  worker.kill('SIGTERM');
  expect(await ended).toBe(143);
  const { data } = JSON.parse(stdout);
  expect(data.handled).toBe(1);
  return `${data.signal} handled`;
}
