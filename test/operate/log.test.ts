/** What was done, by whom; what of it can be undone, and put back from a backup. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cells } from '../../src/engine/control/cells.js';
import { CellLog } from '../../src/engine/control/log.js';
import type { LogEntry } from '../../src/operate/log-entry.js';
import { ShopFolder } from './shop.js';
import { json, run } from './stopped.js';

const shopFlags = ['-p', 'shop.yaml'];
const longestMs = 60_000;

let shop: ShopFolder;
beforeEach(async () => {
  shop = await ShopFolder.open();
});
afterEach(() => shop.close());

const call = (...args: readonly string[]) => json(shop.folder, ...args, ...shopFlags);

/** As if it had been cut short between its two entries. */
async function cutShort(action: string, begunAt: number, planId: string | null): Promise<number> {
  const log = new CellLog<LogEntry>(new Cells(shop.deployment.ports.business), 'log');
  return log.append({
    ...{ at: begunAt, actor: { user: 'alice', host: 'laptop', version: '0' }, action },
    ...{ phase: 'intent', intent: null, planId, reason: null, about: 'something' },
    ...{ counts: null, undo: null },
  });
}

it(
  'shows one row for each action, newest first, and which of them has no result',
  async () => {
    expect((await call('log')).document.data).toEqual([]);
    const intent = await cutShort('outbox.repair', Date.now() - 3600_000, 'abc');
    await call('endpoint', 'pause', 'orders', '--reason', 'bad release');
    await call('endpoint', 'resume', 'orders');
    const { document } = await call('log');
    expect(document).toMatchObject({
      schema: 'oncectl/log/v1',
      deployment: 'shop',
      data: [
        { action: 'endpoint.resume', about: 'endpoint orders', counts: { done: 1 }, reason: null },
        { action: 'endpoint.pause', about: 'endpoint orders', reason: 'bad release' },
        { action: 'outbox.repair', id: intent, endedAt: null, counts: null, planId: 'abc' },
      ],
    });
    const rows = async (...flags: readonly string[]) =>
      (await call('log', ...flags)).document.data.map(({ action }: { action: string }) => action);
    expect(await rows('--action', 'endpoint')).toEqual(['endpoint.resume', 'endpoint.pause']);
    expect(await rows('--actor', 'alice')).toEqual(['outbox.repair']);
    expect(await rows('--actor', 'alice@desk')).toEqual([]);
    expect(await rows('--plan', 'abc')).toEqual(['outbox.repair']);
    expect(await rows('--since', '10m')).toEqual(['endpoint.resume', 'endpoint.pause']);
    const limited = await call('log', '--limit', '1');
    expect(limited.document.page).toMatchObject({ truncated: true, total: 1, exact: false });
    const plain = await run(shop.folder, 'log', ...shopFlags);
    expect(plain.stdout.split('\n')[2]).toContain('\tNO RESULT\t');
  },
  longestMs,
);

it(
  'status tells of an action that was cut short, until somebody brought it to its end',
  async () => {
    const stuck = await shop.leaveStuck('payments');
    await call('outbox', 'repair', '--plan', 'p.json');
    const { planId } = JSON.parse(readFileSync(join(shop.folder.path, 'p.json'), 'utf8'));
    const intent = await cutShort('outbox.repair', Date.now() - 3600_000, planId);
    const before = (await call('status', '--check')).document.data;
    expect(before.unfinished).toMatchObject([{ id: intent, action: 'outbox.repair', planId }]);
    expect(before.verdict).toContain('1 action has no result');
    const applied = await call('apply', 'p.json', '--resume');
    expect(applied.document.data.items).toMatchObject([{ id: stuck, result: { outcome: 'done' } }]);
    const { document, code } = await call('status', '--check');
    expect(document.data).toMatchObject({
      unfinished: [],
      needsCare: false,
      verdict: 'all 2 endpoints are well',
    });
    expect(code).toBe(0);
  },
  longestMs,
);

it(
  'a discarded dead letter is put back by undo, and once',
  async () => {
    const dead = await shop.leaveDead('payments');
    const { backup, logId } = (await call('dead', 'discard', '--yes')).document.data;
    expect(await shop.depth('payments')).toMatchObject({ dead: 0, visible: 0 });
    const shown = await call('undo', String(logId), '--dry-run');
    expect(shown.document.data).toMatchObject({
      action: 'restore',
      items: [{ endpoint: 'payments', id: dead, actions: ['send'] }],
    });
    expect(await shop.depth('payments')).toMatchObject({ visible: 0 });
    expect((await call('undo', String(logId), '--yes')).document.data.counts.done).toBe(1);
    expect(await shop.depth('payments')).toMatchObject({ visible: 1 });
    const again = (await call('restore', backup, '--yes')).document.data;
    expect(again.counts).toMatchObject({ done: 0, already: 1 });
    expect(await shop.depth('payments')).toMatchObject({ visible: 1 });
  },
  longestMs,
);

it(
  'a pruned record is put back by undo',
  async () => {
    const { dedupe } = shop.deployment.ports;
    const record = { by: 'test', at: 1, expires: 2 };
    await dedupe.add('payments', '01J9Z4K7QF0000000000000000', record);
    const pruned = (await call('dedupe', 'prune', '--yes')).document.data;
    expect(pruned.counts.done).toBe(1);
    const undone = (await call('undo', String(pruned.logId), '--yes')).document.data;
    expect(undone.counts).toMatchObject({ done: 1, failed: 0 });
    const listed = (await call('dedupe', 'list')).document.data;
    expect(listed).toMatchObject([{ messageId: '01J9Z4K7QF0000000000000000' }]);
  },
  longestMs,
);

it(
  'what was sent cannot be called back, and that is said at once',
  async () => {
    await shop.leaveDead('payments');
    const { logId } = (await call('dead', 'retry', '--yes')).document.data;
    const { code, document } = await call('undo', String(logId), '--yes');
    expect(code).toBe(4);
    expect(document.error.message).toMatch(/^dead\.retry cannot be undone: /);
    const cut = await cutShort('dead.retry', Date.now(), null);
    expect((await call('undo', String(cut), '--yes')).code).toBe(4);
    expect((await call('undo', '999', '--yes')).code).toBe(5);
  },
  longestMs,
);

it.each([
  ['changed', (text: string) => text.replace('CardDeclined', 'CardAccepted')],
  ['cut short', (text: string) => text.slice(0, -20)],
])(
  'a backup that was %s puts nothing back',
  async (_what, damage) => {
    await shop.leaveDead('payments');
    await shop.leaveDead('payments');
    const { backup } = (await call('dead', 'discard', '--yes')).document.data;
    writeFileSync(backup, damage(readFileSync(backup, 'utf8')));
    const before = shop.digest();
    const { code, document } = await call('restore', backup, '--yes');
    expect(document.error).toMatchObject({ code: 'FORMAT' });
    expect(document.error.about).toMatch(/:[12]$/);
    expect(code).toBe(6);
    expect(shop.digest()).toBe(before);
  },
  longestMs,
);
