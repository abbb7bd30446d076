/** A user's own handlers, in the workers of a bench: audited like the bench's own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BenchFolder, type Finished, runBench } from '../bench/bench-cli.js';
import { tinyProfile } from '../bench/tiny-profile.js';

const longestMs = 60_000;
let folder: BenchFolder;

beforeAll(async () => {
  folder = await BenchFolder.create();
});

afterAll(() => folder.remove());

async function runWith(handlers: string, ...flags: string[]): Promise<Finished> {
  const endpoints = [
    { name: 'orders', handlers, sendsTo: 'stock' },
    { name: 'stock', sendsTo: 'sink' },
  ];
  const profile = tinyProfile({ name: 'own', deployment: { endpoints } });
  const file = await folder.write('own.yaml', profile);
  return runBench(folder, 'run', file, '--no-tui', ...flags);
}

it(
  'runs them under the audit, and everything that they send arrives',
  async () => {
    await folder.write(
      'orders.mjs',
      `export const orders = {
        '*': async (message, entity, send) => {
          entity.state = { orders: (entity.state?.orders ?? 0) + 1 };
          send({ type: 'Reserve', body: { order: message.id } });
        },
      };`,
    );
    const { code, stderr } = await runWith('./orders.mjs#orders', '--set', 'faults=[]');
    const result = await folder.lastResult();
    expect(code, stderr).toBe(result.generator.valid ? 0 : 103);
    expect(result.correctness).toMatchObject({ clean: true, accepted: 80, handled: 160 });
  },
  longestMs,
);

it(
  'puts aside what they refuse, without losing it: 7, because not everything was handled',
  async () => {
    await folder.write(
      'refusing.mjs',
      "export const orders = { '*': () => { throw new Error('not today'); } };",
    );
    const flags = ['--set', 'deployment.maxAttempts=2', '--set', 'deployment.backoff=10ms'];
    await runWith('./refusing.mjs#orders', ...flags);
    const result = await folder.lastResult();
    expect(result.correctness).toMatchObject({ clean: true, lost: 0, handled: 0 });
    expect(result.correctness).toMatchObject({ pending: 80, deadLettered: 80 });
  },
  longestMs,
);

const mistakes = [
  ['does not exist', './nowhere.mjs#orders', null, /there is no file .*nowhere\.mjs/],
  [
    'throws when it is loaded',
    './throwing.mjs#orders',
    "throw new Error('no database here');",
    /no database here/,
  ],
  ['is no JavaScript', './broken.mjs#orders', 'export const = 1;', /cannot be loaded/],
  [
    'does not export the name',
    './other.mjs#orders',
    'export const sales = {};',
    /no endpoint or handler table "orders"/,
  ],
] as const;

it.each(mistakes)(
  'refuses a file that %s as a bad profile, in one message (104)',
  async (_what, handlers, source, words) => {
    if (source) await folder.write(handlers.slice(2, handlers.indexOf('#')), source);
    const { code, stdout, stderr } = await runWith(handlers);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect(stderr).not.toMatch(/^ +at /m);
  },
  longestMs,
);
