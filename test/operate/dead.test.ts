/** Dead letters of a run: listed, grouped, shown, retried, discarded, edited; the audit stays clean. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BenchFolder } from '../bench/bench-cli.js';
import {
  deadProtocols,
  declined,
  discardEditRetry,
  last,
  late,
  leaveDead,
  listDead,
} from './dead.js';
import { inFull } from './length.js';
import { json, run } from './stopped.js';

const longestMs = 120_000;

let folder: BenchFolder;
beforeEach(async () => {
  folder = await BenchFolder.create();
});
afterEach(() => folder.remove());

it.each(inFull(deadProtocols, ['token']))(
  '%s: one is discarded, one edited, the others retried: the audit is clean',
  {
    timeout: longestMs,
  },
  async (protocol) => {
    await discardEditRetry(folder, protocol);
  },
);

it('lists by pages and filters, groups by what is common to the errors, counts what there is', {
  timeout: longestMs,
}, async () => {
  const letters = await leaveDead(folder, 'outbox');
  const total = letters.length;

  const pages: string[] = [];
  let cursor: string | null = null;
  do {
    const at: string[] = cursor === null ? [] : ['--cursor', cursor];
    const page = await json(folder, 'dead', 'list', ...last, '--limit', '7', ...at);
    expect(page.document).toMatchObject({ schema: 'oncectl/dead.list/v1', page: { total } });
    expect(page.document.data.length).toBeLessThanOrEqual(7);
    pages.push(...page.document.data.map(({ messageId }: { messageId: string }) => messageId));
    cursor = page.document.page.next;
  } while (cursor !== null);
  expect(pages).toEqual(letters.map(({ messageId }) => messageId));

  const isDeclined = letters.filter(({ error }) => error === declined);
  const isLate = letters.filter(({ error }) => error === late);
  expect(isDeclined.length + isLate.length).toBe(total);
  const grouped = await json(folder, 'dead', 'list', ...last, '--group');
  expect(grouped.document.schema).toBe('oncectl/dead.groups/v1');
  const groups = Object.fromEntries(
    grouped.document.data.map((one: { error: string; count: number }) => [one.error, one.count]),
  );
  expect(groups).toEqual({
    'CardDeclined: the bank said no to "...", code #': isDeclined.length,
    'BankTimeout: no answer within # s': isLate.length,
  });

  const ids = (document: { data: readonly { messageId: string }[] }) =>
    document.data.map(({ messageId }) => messageId);
  const byGroup = await json(folder, 'dead', 'list', ...last, '--group', 'CardDeclined');
  expect(ids(byGroup.document)).toEqual(isDeclined.map(({ messageId }) => messageId));
  const byWhole = await json(folder, 'dead', 'list', ...last, '--group', declined);
  expect(ids(byWhole.document)).toEqual(ids(byGroup.document));
  const byError = await json(folder, 'dead', 'list', ...last, '--error', 'within 2 s');
  expect(ids(byError.document)).toEqual(isLate.map(({ messageId }) => messageId));
  const ofOrders = await json(folder, 'dead', 'list', ...last, '--endpoint', 'orders');
  expect(ofOrders.document).toMatchObject({ data: [], page: { total: 0, exact: true } });
  const old = await json(folder, 'dead', 'list', ...last, '--older', '1h');
  expect(old.document.data).toEqual([]);

  const rows = await run(folder, 'dead', 'list', ...last);
  expect(rows.stdout.trimEnd().split('\n')).toHaveLength(total);
  const quiet = await run(folder, 'dead', 'ls', ...last, '-q', '--limit', '3');
  expect(quiet.stdout.trimEnd().split('\n')).toEqual(pages.slice(0, 3));

  for (const [args, code, text] of [
    [['--group', 'NoSuchError'], 5, /no dead letter's error/],
    [['--group', 'no'], 5, /2 groups/],
    [['--group', 'within 3 s'], 5, /no dead letter's error/],
    [['--endpoint', 'nowhere'], 2, /no endpoint "nowhere"/],
    [['--cursor', 'x'], 2, /no cursor/],
  ] as const) {
    const refused = await json(folder, 'dead', 'list', ...last, ...args);
    expect([refused.code, refused.document.error.message]).toEqual([
      code,
      expect.stringMatching(text),
    ]);
  }
});

it('shows every failure with its stack, and the body to who asks for it', {
  timeout: longestMs,
}, async () => {
  const [letter] = await leaveDead(folder, 'token');
  const id = letter?.messageId ?? '';
  const masked = await json(folder, 'dead', 'show', id, ...last);
  const { data } = masked.document;
  expect(data.failures).toHaveLength(2);
  expect(data.failures[1]).toMatchObject({ error: letter?.error, worker: letter?.worker });
  expect(data.failures[1].stack).toMatch(/failOnPurpose/);
  expect(data.message).toMatchObject({ id, body: { bytes: expect.any(Number) } });
  expect(data.message.body.bytes).toBeGreaterThan(0);
  const open = await json(folder, 'dead', 'show', id, ...last, '--body');
  expect(open.document.data.message.body).toHaveProperty('value');
  const text = await run(folder, 'dead', 'show', id, ...last);
  expect(text.stdout).toMatch(/not applied: no entry, slot or record of it/);
  const unknown = await json(folder, 'dead', 'show', '0000000000', ...last);
  expect([unknown.code, unknown.document.error.code]).toEqual([5, 'NOT_FOUND']);
});

it('refuses an edit that changes nothing, and one that no handler could read', {
  timeout: longestMs,
}, async () => {
  const [letter] = await leaveDead(folder, 'outbox');
  const id = letter?.messageId ?? '';
  for (const [args, code, text] of [
    [['--type', letter?.type ?? ''], 2, /nothing is changed/],
    [['--set-body', '{"a":'], 2, /no JSON/],
    [['--body', 'nowhere.json'], 5, /no such file/],
    [[], 4, /nobody is here to edit/],
  ] as const) {
    const refused = await json(folder, 'dead', 'edit', id, ...args, ...last, '-y');
    expect([refused.code, refused.document.error.message]).toEqual([
      code,
      expect.stringMatching(text),
    ]);
  }
});

it('writes nothing when it may not', { timeout: longestMs }, async () => {
  const letters = await leaveDead(folder, 'outbox');
  for (const command of ['retry', 'discard']) {
    const refused = await json(folder, 'dead', command, ...last, '--read-only', '-y');
    expect([refused.code, refused.document.error.code]).toEqual([4, 'REFUSED']);
    const asked = await json(folder, 'dead', command, ...last);
    expect(asked.code, 'nobody is there to be asked').toBe(4);
    const planned = await json(folder, 'dead', command, ...last, '--dry-run');
    expect(planned.document.data.items).toHaveLength(letters.length);
  }
  expect(await listDead(folder)).toEqual(letters);
});
