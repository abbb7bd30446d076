/** What was discarded is put back from its backup: once, however often it is asked for. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readResult } from '../../src/bench/run-folder.js';
import { type Operation, openOperation } from '../../src/operate/operation.js';
import type { BackupLine } from '../../src/operate/plan/backup.js';
import { restoreDead } from '../../src/operate/restore/dead.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { deadProtocols, deployFix, drained, last, leaveDead, listDead } from './dead.js';
import { killedBehind } from './killed.js';
import { isFull } from './length.js';
import { json, run } from './stopped.js';

const longestMs = 120_000;

let folder: BenchFolder;
beforeEach(async () => {
  folder = await BenchFolder.create();
});
afterEach(() => folder.remove());

it.runIf(isFull).each(deadProtocols)(
  '%s: every discarded message is handled once, and the audit is clean',
  {
    timeout: longestMs,
  },
  async (protocol) => {
    // Where queue and data are one database, a message that entered has a record of its own.
    const at = protocol === 'local-transaction' ? 'orders' : 'payments';
    const letters = await leaveDead(folder, protocol, at);
    const discarded = await json(folder, 'dead', 'discard', ...last, '-y');
    expect(discarded.document.data.counts).toMatchObject({ done: letters.length, failed: 0 });
    expect(await listDead(folder)).toEqual([]);
    const lines = await linesIn(discarded.document.data.backup);
    expect(lines).toHaveLength(letters.length);
    const [once, twice, together, changed, ...rest] = lines;
    if (!once || !twice || !together || !changed) throw new Error('too few letters');

    await deployFix(folder);
    await operating(async (operation) => {
      const back = (line: BackupLine) => restoreDead(operation, line);
      expect(await back(once)).toEqual({ outcome: 'done', sends: 1 });
      expect(await back(twice)).toEqual({ outcome: 'done', sends: 1 });
      expect(await back(twice)).toEqual({ outcome: 'already' });
      const both = await Promise.all([back(together), back(together)]);
      expect(both).toContainEqual({ outcome: 'done', sends: 1 });
      expect(
        await back({ ...changed, record: { ...(changed.record as object), editedTo: '' } }),
      ).toMatchObject({ outcome: 'failed' });
      for (const line of rest) expect(await back(line)).toEqual({ outcome: 'done', sends: 1 });
    });
    const verdict = await drained(folder);
    expect(verdict).toMatchObject({ clean: true, pending: 0, discarded: 1 });
    await operating(async (operation) => {
      expect(await restoreDead(operation, once)).toMatchObject({
        outcome: expect.stringMatching(/already|skipped/),
      });
      expect(await restoreDead(operation, changed)).toEqual({ outcome: 'done', sends: 1 });
    });
  },
);

it('a letter that was exported and then not discarded is not put back', {
  timeout: longestMs,
}, async () => {
  const [letter] = await leaveDead(folder, 'token');
  const plan = join(folder.path, 'p.json');
  await run(folder, 'dead', 'discard', letter?.messageId ?? '', ...last, '--plan', plan);
  const runFolder = (await folder.runFolders()).at(-1) ?? '';
  expect(await killedBehind(runFolder, plan, 'backup')).toBe('SIGKILL');
  await deployFix(folder);
  const retried = await json(folder, 'dead', 'retry', ...last, '-y');
  expect(retried.document.data.counts).toMatchObject({ failed: 0, yielded: 0 });
  expect(await drained(folder)).toMatchObject({ clean: true, discarded: 0 });
  const [file = ''] = await readdir(join(runFolder, 'backups'));
  const [line] = await linesIn(join(runFolder, 'backups', file));
  if (!line) throw new Error('nothing was exported');
  await operating(async (operation) => {
    const rule = 'no record says that it was discarded here';
    expect(await restoreDead(operation, line)).toEqual({ outcome: 'skipped', rule });
  });
  const resumed = await json(folder, 'apply', plan, ...last, '--resume');
  expect(resumed.code, resumed.stderr).toBe(0);
});

async function linesIn(path: string): Promise<readonly BackupLine[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as BackupLine);
}

async function operating(use: (operation: Operation) => Promise<void>): Promise<void> {
  const run = (await folder.runFolders()).at(-1) ?? '';
  const { profile } = await readResult(run);
  const operation = await openOperation({
    profile: profile.resolved,
    ...{ folder: join(run, 'store'), evidenceFolder: join(run, 'evidence'), workersGone: true },
    ...{ actor: { user: 'test', host: 'here', version: '0' }, readOnly: false },
  });
  try {
    await use(operation);
  } finally {
    await operation.close();
  }
}
