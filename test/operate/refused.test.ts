/** Every command that writes: what it does where nothing may be written, or not without a reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { id } from '../conformance/fixtures.js';
import { root } from '../terminal/run-cli.js';
import { ShopFolder } from './shop.js';
import { json, run } from './stopped.js';

interface Manifest {
  readonly commands: Readonly<
    Record<string, { readonly flags: Readonly<Record<string, unknown>> }>
  >;
}

const { commands } = JSON.parse(
  readFileSync(join(root, 'oclif.manifest.json'), 'utf8'),
) as Manifest;
const writing = Object.entries(commands)
  .filter(([, { flags }]) => 'reason' in flags)
  .map(([command]) => command);

const shopFlags = ['-p', 'shop.yaml'];
const protectedShop = [...shopFlags, '--set', 'deployment.protect=true'];
const patience = 60_000;

let shop: ShopFolder;
/** What each command is given, so that it would have something to write. */
let given: Readonly<Record<string, readonly string[]>>;

beforeAll(async () => {
  shop = await ShopFolder.open({ orders: 'token' });
  await shop.leaveStuck('payments');
  const dead = await shop.leaveDead('payments');
  await shop.leaveDead('payments');
  await shop.deployment.ports.dedupe.add('payments', id(), { by: 'test', at: 1, expires: 2 });
  const { folder } = shop;
  await run(folder, 'outbox', 'repair', ...shopFlags, '--plan', 'p.json');
  const paused = await json(folder, 'endpoint', 'pause', 'payments', ...shopFlags);
  const discarded = await json(folder, 'dead', 'discard', dead, ...shopFlags, '--yes');
  const other = await shop.leaveDead('payments');
  given = {
    apply: ['p.json'],
    'dead:discard': [],
    'dead:edit': [other, '--set-body', '{"amount":1}'],
    'dead:retry': [],
    'dedupe:prune': [],
    'endpoint:pause': ['orders'],
    'endpoint:resume': ['payments'],
    'outbox:repair': [],
    restore: [discarded.document.data.backup],
    'token:restore': [await shop.leaveQuarantined('orders')],
    'token:sweep': [],
    undo: [String(paused.document.data.logId)],
  };
}, patience);
afterAll(() => shop.close());

function call(command: string, ...more: readonly string[]) {
  const args = [...command.split(':'), ...(given[command] ?? []), ...more];
  const hasYes = 'yes' in (commands[command]?.flags ?? {});
  return json(shop.folder, ...args, ...(hasYes ? ['--yes'] : []));
}

it('there are such commands, and this test knows what to give each of them', () => {
  expect(writing.length).toBeGreaterThan(8);
  expect(writing.filter((command) => given[command] === undefined)).toEqual([]);
});

describe.each(writing)('%s', (command) => {
  it(
    'refuses where nothing may be written, and writes nothing',
    async () => {
      const before = shop.digest();
      const { code, document } = await call(command, ...shopFlags, '--read-only');
      expect(document).toMatchObject({ error: { code: 'REFUSED', exit: 4 } });
      expect(code).toBe(4);
      expect(document.error.message).toContain('read-only');
      expect(shop.digest()).toBe(before);
    },
    patience,
  );

  it(
    'asks for a reason where the deployment is protected, and writes nothing',
    async () => {
      const before = shop.digest();
      const { code, document } = await call(command, ...protectedShop);
      expect(document).toMatchObject({ error: { code: 'REFUSED', exit: 4 } });
      expect(code).toBe(4);
      expect(document.error.hint).toContain('--reason');
      expect(shop.digest()).toBe(before);
    },
    patience,
  );
});

it(
  'with a reason a protected deployment is written to, and its log says why',
  async () => {
    const before = shop.digest();
    const { code } = await call('outbox:repair', ...protectedShop, '--reason', 'orders hang');
    expect(code).toBe(0);
    expect(shop.digest()).not.toBe(before);
    const { document } = await json(shop.folder, 'log', ...shopFlags, '--limit', '1');
    expect(document.data).toMatchObject([{ action: 'outbox.repair', reason: 'orders hang' }]);
  },
  patience,
);
