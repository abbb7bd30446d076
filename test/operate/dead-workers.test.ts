/** Dead letters of a deployment whose workers run meanwhile: waves, two operators at once, the editor. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deploymentFolder } from '../../src/deployment/backends.js';
import { openDeployment } from '../../src/deployment/open.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { endpoint, type Service, startService } from '../../src/index.js';
import { loadProfile } from '../../src/profile/load.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { settles } from '../conformance/fixtures.js';
import { inFull } from './length.js';
import { json, run } from './stopped.js';

const longestMs = 90_000;
const patienceMs = 30_000;
const home = process.cwd();

interface Order {
  readonly number: number;
}

let folder: BenchFolder;
let service: Service | null = null;
/** Orders with these numbers cannot be handled. */
let broken: (order: Order) => boolean = () => true;
const handled: Order[] = [];

const orders = endpoint<{ OrderPlaced: Order; OrderCorrected: Order }, { readonly last: number }>({
  name: 'orders',
  handlers: {
    OrderPlaced: (message, entity) => handle(message.body, entity),
    OrderCorrected: (message, entity) => handle(message.body, entity),
  },
});

function handle(order: Order, entity: { state: { readonly last: number } | null }): void {
  if (broken(order)) throw new Error(`OutOfStock: order ${order.number}`);
  entity.state = { last: order.number };
  handled.push(order);
}

beforeEach(async () => {
  folder = await BenchFolder.create();
  broken = () => true;
  handled.length = 0;
});
afterEach(async () => {
  await stopWorking();
  process.chdir(home);
  await folder.remove();
});

/** The deployment's folder is found from the working directory, as for every service. */
async function deploy(protocol: ProtocolName): Promise<void> {
  await folder.write('shop.yaml', {
    name: 'shop',
    deployment: {
      ...{ namespace: 'shop', protocol, backend: 'embedded', maxAttempts: 2, backoff: '10ms' },
      endpoints: [{ name: 'orders' }],
    },
    load: { rate: '1/s' },
  });
  const up = await run(folder, 'deploy', 'up', 'shop.yaml');
  expect(up.code, up.stderr).toBe(0);
  process.chdir(folder.path);
  await work();
}

async function work(): Promise<void> {
  service = await startService({ profile: 'shop.yaml', endpoints: [orders] });
}

async function stopWorking(): Promise<void> {
  await service?.stop();
  service = null;
}

/** Sends so many orders and waits until all of them are dead, or handled. */
async function place(count: number): Promise<string[]> {
  const sends = Array.from({ length: count }, (_, number) =>
    service?.send({ to: 'orders', type: 'OrderPlaced', key: `k${number}`, body: { number } }),
  );
  const ids = await Promise.all(sends);
  await settled();
  return ids.map((id) => id ?? '');
}

function settled(): Promise<void> {
  return settles('every queue empty', patienceMs, service?.settled() ?? Promise.resolve());
}

const shop = ['-p', 'shop.yaml'];

async function deadIds(): Promise<readonly string[]> {
  const listed = await json(folder, 'dead', 'list', ...shop, '--limit', '1000');
  expect(listed.code, listed.stderr).toBe(0);
  return listed.document.data.map(({ messageId }: { messageId: string }) => messageId);
}

it('a tracer that dies again stops the retry; once it is fixed, wave after wave is handled', {
  timeout: longestMs,
}, async () => {
  await deploy('outbox');
  const ids = await place(30);
  const waves = ['--canary', '1,10', '--stop-on', '1%', '--yes'];
  const stopped = await json(folder, 'dead', 'retry', ...shop, ...waves);
  expect(stopped.code, stopped.stderr).toBe(7);
  const { data } = stopped.document;
  expect(data.counts).toMatchObject({ done: 0, failed: 1 });
  expect(data.remaining).toBe(29);
  expect(data.stopped).toBe('1 of 1 failed');
  expect(data.items[0].result.error).toBe(
    `it died again: OutOfStock: order ${ids.indexOf(data.items[0].id)}`,
  );
  expect(new Set(await deadIds())).toEqual(new Set(ids));

  broken = ({ number }) => number === 3;
  const [tracer, ...others] = ids.filter((_, number) => number !== 3);
  const one = await json(folder, 'dead', 'retry', tracer ?? '', ...shop, ...waves);
  expect(one.document.data.counts).toMatchObject({ done: 1, failed: 0 });
  const all = await json(folder, 'dead', 'retry', ...others, ...shop, ...waves);
  expect(all.code, all.stderr).toBe(0);
  expect(all.document.data.counts).toMatchObject({ done: 28, failed: 0 });
  await settled();
  expect(new Set(handled.map(({ number }) => number)).size).toBe(29);
  expect(handled).toHaveLength(29);
  expect(await deadIds()).toEqual([ids[3]]);
});

it('two operators who retry the same at once: each letter goes back once, and the loser says who won', {
  timeout: longestMs,
}, async () => {
  await deploy('token');
  const ids = await place(40);
  await stopWorking();
  await run(folder, 'dead', 'retry', ...shop, '--plan', 'a.json');
  await run(folder, 'dead', 'retry', ...shop, '--plan', 'b.json');
  const both = await Promise.all([
    json(folder, 'apply', 'a.json', ...shop),
    json(folder, 'apply', 'b.json', ...shop),
  ]);
  const items = both.flatMap(({ document }) => document.data.items);
  const outcomes = (outcome: string) =>
    items.filter((item: { result: { outcome: string } }) => item.result.outcome === outcome);
  expect(outcomes('done')).toHaveLength(ids.length);
  expect(outcomes('yielded')).toHaveLength(ids.length);
  for (const { result } of outcomes('yielded')) expect(result.to).toMatch(/@.* retried it 20/);
  broken = () => false;
  await work();
  await settled();
  expect(handled).toHaveLength(ids.length);
});

it('a retry and an edit of one letter at once: one message is handled, edited or not', {
  timeout: longestMs,
}, async () => {
  await deploy('dedupe-store');
  const ids = await place(4);
  await stopWorking();
  for (const [at, id] of ids.entries()) {
    const edit = ['dead', 'edit', id, '--set-body', `{"number":${at + 100}}`];
    await run(folder, ...edit, ...shop, '--plan', `edit-${at}.json`);
    await run(folder, 'dead', 'retry', id, ...shop, '--plan', `retry-${at}.json`);
    const both = await Promise.all([
      json(folder, 'apply', `edit-${at}.json`, ...shop),
      json(folder, 'apply', `retry-${at}.json`, ...shop),
    ]);
    const outcomes = both.map(({ document }) => document.data.items[0].result.outcome);
    expect([...outcomes].sort()).toEqual(['done', 'yielded']);
  }
  expect(await deadIds()).toEqual([]);
  broken = () => false;
  await work();
  await settled();
  expect(handled.map(({ number }) => number % 100).sort()).toEqual([0, 1, 2, 3]);
});

const recognising = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const;

describe.each(inFull<(typeof recognising)[number]>(recognising, ['token']))(
  'a letter whose message was handled all the same, with %s',
  (protocol) => {
    const byToken = protocol === 'token' || protocol === 'register-commit-publish';

    it('is never edited, is recognised when it is retried, and is discarded only where it is nothing any more', {
      timeout: longestMs,
    }, async () => {
      await deploy(protocol);
      const [id = ''] = await place(1);
      broken = () => false;
      await killOneCopy(id);
      expect(handled).toHaveLength(1);
      expect(await deadIds()).toEqual([id]);

      const shown = await json(folder, 'dead', 'show', id, ...shop);
      expect(shown.document.data.applied).toMatchObject({ is: !byToken, tokenGone: byToken });
      const edit = ['dead', 'edit', id, '--set-body', '{"number":9}', ...shop, '-y'];
      const refused = await json(folder, ...edit);
      expect([refused.code, refused.document.error.code]).toEqual([4, 'REFUSED']);
      const discarded = await json(folder, 'dead', 'discard', id, ...shop, '--dry-run');
      const { items, skipped } = discarded.document.data;
      expect([items.length, skipped.length]).toEqual(byToken ? [1, 0] : [0, 1]);
      if (!byToken)
        expect(skipped[0]).toMatchObject({
          ids: [id],
          rule: expect.stringMatching(/it was applied/),
        });

      const retried = await json(folder, 'dead', 'retry', id, ...shop, '-y');
      expect(retried.document.data.counts).toMatchObject({ done: 1 });
      await work();
      await settled();
      expect(handled).toHaveLength(1);
      expect(await deadIds()).toEqual([]);
    });
  },
);

/** Of two copies of a dead letter one is handled, and the other dies. */
async function killOneCopy(id: string): Promise<void> {
  await stopWorking();
  const { profile } = await loadProfile('shop.yaml', { set: [] });
  const at = { folder: deploymentFolder(profile, process.cwd()), worker: 'test', maintain: false };
  const opened = await openDeployment({ profile, ...at });
  const { broker } = opened.ports;
  const [letter] = await broker.listDead('orders', null, 1);
  if (letter?.message.id !== id) throw new Error(`${id} is not dead`);
  await broker.send([letter.message]);
  await opened.close();
  await work();
  await settled();
  await stopWorking();
}

it('opens the body in an editor, and sends what was saved', { timeout: longestMs }, async () => {
  await deploy('outbox');
  const [id = ''] = await place(1);
  broken = ({ number }) => number !== 42;
  const bin = join(home, 'bin', 'oncectl.js');
  const byHand = [bin, 'dead', 'edit', id, ...shop, '--yes'];
  const { CI: _, VISUAL: __, ...env } = process.env;
  const EDITOR = `sed -i 's/"number": 0/"number": 42/'`;
  const terminal = spawn(process.execPath, byHand, { cwd: folder.path, env: { ...env, EDITOR } });
  let screen = '';
  terminal.onData((text) => {
    screen += text;
  });
  const code = await new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  expect(code, screen).toBe(0);
  await settled();
  expect(handled).toEqual([{ number: 42 }]);
  expect(await deadIds()).toEqual([]);
});

it('the body of an edit lies beside its plan for its owner alone; without it nothing is sent', {
  timeout: longestMs,
}, async () => {
  await deploy('token');
  const [id = ''] = await place(1);
  broken = ({ number }) => number !== 7;
  const body = ['--set-body', '{"number":7}', '--type', 'OrderCorrected'];
  const planned = await json(folder, 'dead', 'edit', id, ...body, ...shop, '--plan', 'p.json');
  const { newId, bodyFile } = planned.document.data.items[0].observed;
  expect((await stat(bodyFile)).mode & 0o777).toBe(0o600);
  expect(await readFile('p.json', 'utf8')).not.toMatch(/"number":7/);

  await rename(bodyFile, 'elsewhere');
  const without = await json(folder, 'apply', 'p.json', ...shop);
  expect(without.document.data.items[0].result.error).toMatch(/does not lie beside it/);
  await writeFile(bodyFile, '{"number":8}');
  const other = await json(folder, 'apply', 'p.json', ...shop, '--resume');
  expect(other.document.data.items[0].result.error).toMatch(/was changed/);
  expect(await deadIds()).toEqual([id]);

  await rename('elsewhere', bodyFile);
  const applied = await json(folder, 'apply', 'p.json', ...shop, '--resume');
  expect(applied.document.data.counts).toMatchObject({ done: 1, failed: 0 });
  await settled();
  expect(handled).toEqual([{ number: 7 }]);
  const gone = await json(folder, 'dead', 'show', newId, ...shop);
  expect(gone.code).toBe(5);
});
