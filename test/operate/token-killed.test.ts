/**
 * Orphans of workers that were killed, proven by the run's evidence; the sweep is killed behind each of
 * its steps and applied again: every payload goes, each is in a backup, and the audit stays clean.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findBackedUp } from '../../src/operate/token/backups.js';
import type { BenchFolder } from '../bench/bench-cli.js';
import { killedBehind } from './killed.js';
import { isFull } from './length.js';
import { expectClean, inFolder } from './operator.js';
import { json, killsOf, run, stop } from './stopped.js';

const longestMs = 180_000;
const last = ['-p', '@last'];

it.runIf(isFull)(
  'what attempts left behind that were killed is found with its rule, and swept whatever is killed',
  () => inFolder(sweepKilled),
  longestMs,
);

async function sweepKilled(folder: BenchFolder): Promise<void> {
  const result = await stop(folder, 'token');
  await expectClean(folder);
  const struck = killsOf(result).find(({ step }) => step === 'after put-payloads');
  const orphans = await listed(folder);
  expect(orphans.length).toBeGreaterThan(0);
  expect(new Set(orphans.map(({ verdict }) => verdict))).toEqual(new Set(['orphan']));
  expect(orphans.map(({ origin }) => origin.messageId)).toContain(struck?.messageId);
  const ids = orphans.map(({ id }) => id);

  const runFolder = (await folder.runFolders()).at(-1) ?? '';
  const steps = ['recheck', 'quarantine'];
  await appliedThroughKills(folder, runFolder, 'quarantine.json', steps, []);
  expect((await listed(folder, '--quarantined')).map(({ id }) => id).sort()).toEqual(ids.sort());
  const deletion = ['recheck', 'begin-deletion', 'export', 'delete', 'end-quarantine'];
  const flags = ['--delete-quarantined', '--quarantined-for', '0s'];
  await appliedThroughKills(folder, runFolder, 'deletion.json', deletion, flags);
  expect(await listed(folder)).toEqual([]);

  // The last apply keeps its backups elsewhere than the killed ones.
  const backups = [join(runFolder, 'backups'), join(folder.path, '.oncectl', 'backups')];
  const kept = await Promise.all(backups.map((path) => findBackedUp(path, ids)));
  expect(new Set(kept.flatMap((found) => [...found.keys()]))).toEqual(new Set(ids));
  expect((await readdir(join(runFolder, 'backups'))).length).toBeGreaterThan(0);
  await expectClean(folder);
  expect((await folder.lastResult()).correctness).toMatchObject({ lost: 0, orphans: 0 });
}

/** Plans a sweep, applies it in processes that die behind a step each, then to its end. */
async function appliedThroughKills(
  folder: BenchFolder,
  runFolder: string,
  name: string,
  steps: readonly string[],
  flags: readonly string[],
): Promise<void> {
  const plan = join(folder.path, name);
  await run(folder, 'token', 'sweep', ...last, '--older', '1ms', ...flags, '--plan', plan);
  let kills = 0;
  for (const step of steps) {
    if ((await killedBehind(runFolder, plan, step)) === 'SIGKILL') kills++;
  }
  expect(kills).toBeGreaterThanOrEqual(1);
  const applied = await json(folder, 'apply', plan, ...last, '--resume');
  expect(applied.code, applied.stderr).toBe(0);
  expect(applied.document.data.counts.failed).toBe(0);
}

interface Listed {
  readonly id: string;
  readonly verdict: string;
  readonly origin: { readonly messageId: string };
}

async function listed(folder: BenchFolder, ...flags: string[]): Promise<readonly Listed[]> {
  const answer = await json(
    folder,
    ...['token', 'list', ...last, '--older', '1ms', '--limit', '10000', ...flags],
  );
  expect(answer.code, answer.stderr).toBe(0);
  return answer.document.data as readonly Listed[];
}
