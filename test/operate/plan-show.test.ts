/** A plan that is looked at again, when its items have moved on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Plan, planIdOf } from '../../src/operate/plan/plan.js';
import { ShopFolder } from './shop.js';
import { json, run } from './stopped.js';

const shopFlags = ['-p', 'shop.yaml'];
const longestMs = 60_000;

let shop: ShopFolder;
beforeEach(async () => {
  shop = await ShopFolder.open();
});
afterEach(() => shop.close());

const call = (...args: readonly string[]) => json(shop.folder, ...args);
const show = async (...args: readonly string[]) => {
  const { code, document } = await call('plan', 'show', 'p.json', ...args);
  expect(code).toBe(0);
  return document;
};

async function plan(): Promise<Plan> {
  await call('outbox', 'repair', ...shopFlags, '--plan', 'p.json');
  return JSON.parse(readFileSync(join(shop.folder.path, 'p.json'), 'utf8')) as Plan;
}

it(
  'tells where each item stood and stands, and what an apply did to it',
  async () => {
    const left = await shop.leaveStuck('payments');
    const gone = await shop.leaveStuck('payments');
    const applied = await shop.leaveStuck('payments');
    await plan();
    expect((await show(...shopFlags)).comparison.items).toMatchObject(
      [left, gone, applied].map((id) => ({
        id,
        planned: 'committed',
        now: 'committed',
        moved: false,
      })),
    );
    expect((await run(shop.folder, 'plan', 'show', 'p.json', ...shopFlags)).stdout).toContain(
      'nothing moved since it was made',
    );
    await shop.deployment.ports.business.settle('payments', gone, 'any', { step: 'removed' });
    const { items } = (await show(...shopFlags)).comparison;
    expect(items).toMatchObject([
      { id: left, now: 'committed', moved: false, applied: null },
      { id: gone, now: 'gone', moved: true, applied: null },
      { id: applied, now: 'committed', moved: false, applied: null },
    ]);
    await call('apply', 'p.json', ...shopFlags);
    const after = (await show(...shopFlags)).comparison.items as { applied: string }[];
    expect(after.map(({ applied: what }) => what.split(' ')[0])).toEqual([
      'done',
      'yielded',
      'done',
    ]);
  },
  longestMs,
);

it(
  'shows a plan that expired, and what became of it; applying it is refused',
  async () => {
    const id = await shop.leaveStuck('payments');
    const made = await plan();
    const { planId: _, ...old } = { ...made, created: 0, expires: 1 };
    const expired = { ...old, planId: planIdOf(old) };
    writeFileSync(join(shop.folder.path, 'p.json'), JSON.stringify(expired));
    const shown = await show(...shopFlags);
    expect(shown.comparison).toMatchObject({ expired: true, items: [{ id, now: 'committed' }] });
    expect((await run(shop.folder, 'plan', 'show', 'p.json')).stdout).toContain('STALE: expired');
    expect((await call('apply', 'p.json', ...shopFlags)).code).toBe(8);
  },
  longestMs,
);

it(
  'of another deployment it says that it is of another',
  async () => {
    await shop.leaveStuck('payments');
    await plan();
    const other = [...shopFlags, '--set', 'deployment.endpoints[0].protocol=outbox'];
    const { comparison } = await show(...other);
    expect(comparison.items).toEqual([]);
    expect(comparison.foreign).toContain('"shop"');
    expect((await call('apply', 'p.json', ...other)).code).toBe(8);
  },
  longestMs,
);
