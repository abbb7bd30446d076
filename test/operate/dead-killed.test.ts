/**
 * An edit and a discard are killed behind each of their own steps, and applied again: exactly one new
 * message is handled, the original is gone, and the audit is clean.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { deployFix, drained, last, leaveDead, listDead } from './dead.js';
import { killedBehind } from './killed.js';
import { inFull, isFull } from './length.js';
import { json, run } from './stopped.js';

const longestMs = 240_000;

/** All steps of an edit; a body in the message itself is not put anywhere. */
const editSteps = ['record', 'put-payload', 'bind', 'send', 'backup', 'count', 'discard', 'done'];
const discardSteps = ['record', 'backup', 'count', 'discard', 'done'];
const byToken: readonly ProtocolName[] = ['token', 'register-commit-publish'];

let folder: BenchFolder;
beforeEach(async () => {
  folder = await BenchFolder.create();
});
afterEach(() => folder.remove());

/** The others differ in nothing that an edit or a discard does. */
const edited: readonly ProtocolName[] = ['local-transaction', 'outbox', 'token'];
const discarded: readonly ProtocolName[] = ['dedupe-store', 'register-commit-publish'];

it.each(inFull(edited, ['token']))(
  '%s: an edit that is killed behind any step is finished by apply --resume',
  {
    timeout: longestMs,
  },
  async (protocol) => {
    const letters = await leaveDead(folder, protocol);
    const steps = editSteps.filter((step) => step !== 'put-payload' || byToken.includes(protocol));
    const replaced = new Map<string, string>();
    for (const [at, step] of steps.entries()) {
      const id = letters[at]?.messageId ?? '';
      const plan = join(folder.path, `${step}.json`);
      const body = ['--set-body', `{"corrected":"${step}"}`];
      await run(folder, 'dead', 'edit', id, ...body, ...last, '--plan', plan);
      expect(await killed(plan, step), step).toBe('SIGKILL');
      // What goes on is killed too, further on.
      const further = steps[at + 2];
      if (further) expect(await killed(plan, further), `${step}, ${further}`).toBe('SIGKILL');
      await resumed(plan);
      replaced.set(id, await newIdIn(plan));
    }
    const rest = letters.slice(steps.length).map(({ messageId }) => messageId);
    expect((await listDead(folder)).map(({ messageId }) => messageId)).toEqual(rest);
    await deployFix(folder);
    const verdict = await drained(folder);
    expect(verdict).toMatchObject({ clean: true, discarded: steps.length });
    const commits = await committedIds();
    for (const [original, newId] of replaced) {
      expect(
        commits.filter((id) => id === newId),
        'handled',
      ).toHaveLength(1);
      expect(
        commits.filter((id) => id === original),
        'original',
      ).toHaveLength(0);
    }
  },
);

it.runIf(isFull).each(discarded)(
  '%s: a discard that is killed behind any step is finished by apply --resume',
  {
    timeout: longestMs,
  },
  async (protocol) => {
    const letters = await leaveDead(folder, protocol);
    for (const [at, step] of discardSteps.entries()) {
      const id = letters[at]?.messageId ?? '';
      const plan = join(folder.path, `${step}.json`);
      await run(folder, 'dead', 'discard', id, ...last, '--plan', plan);
      expect(await killed(plan, step), step).toBe('SIGKILL');
      await resumed(plan);
    }
    await deployFix(folder);
    await json(folder, 'dead', 'retry', ...last, '-y');
    const verdict = await drained(folder);
    const count = discardSteps.length;
    expect(verdict).toMatchObject({ clean: true, pending: 0, deadLettered: 0, discarded: count });
  },
);

async function resumed(plan: string): Promise<void> {
  const applied = await json(folder, 'apply', plan, ...last, '--resume');
  expect(applied.code, applied.stderr).toBe(0);
  expect(applied.document.data.counts).toMatchObject({ done: 1, failed: 0 });
}

async function killed(plan: string, step: string): Promise<NodeJS.Signals | null> {
  return killedBehind((await folder.runFolders()).at(-1) ?? '', plan, step);
}

async function newIdIn(plan: string): Promise<string> {
  const { items } = JSON.parse(await readFile(plan, 'utf8'));
  return items[0].observed.newId;
}

/** Messages that were committed at payments, from the journal of the run. */
async function committedIds(): Promise<readonly string[]> {
  const evidence = join((await folder.runFolders()).at(-1) ?? '', 'evidence');
  const names = (await readdir(evidence)).filter((name) => name.startsWith('commits-'));
  const texts = await Promise.all(names.map((name) => readFile(join(evidence, name), 'utf8')));
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  return lines.flatMap((line) => {
    const [endpoint, id = ''] = line.split('\t');
    return endpoint === 'payments' ? [id] : [];
  });
}
