/** A run that leaves dead letters behind, and what an operator does about them, through the built CLI. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { BenchResult } from '../../src/bench/result.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import type { DeadHead } from '../../src/operate/dead/letters.js';
import type { BenchFolder } from '../bench/bench-cli.js';
import { json, run } from './stopped.js';

export const deadProtocols: readonly ProtocolName[] = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];

export const last = ['-p', '@last'];
export const declined = 'CardDeclined: the bank said no to "gold", code 17';
export const late = 'BankTimeout: no answer within 2 s';

interface Where {
  readonly backend: string;
  readonly rate: string;
}

/** Orders are what entered from outside. */
type FailingAt = 'orders' | 'payments';

function deadProfile(protocol: ProtocolName, at: FailingAt, where: Where) {
  const failing = [
    { share: '40 %', error: declined },
    { share: '20 %', error: late },
  ];
  const failingAt = (name: FailingAt) => (name === at ? { failing } : {});
  return {
    name: `dead-${protocol}`,
    workers: 1,
    deployment: {
      protocol,
      backend: where.backend,
      maxAttempts: 2,
      backoff: '10ms',
      endpoints: [
        { name: 'orders', sendsTo: ['payments'], ...failingAt('orders') },
        { name: 'payments', sendsTo: ['sink'], ...failingAt('payments') },
      ],
    },
    load: { rate: where.rate, warmup: '0s', duration: '1500ms' },
    drain: { timeout: '20s', mayLeave: true },
  };
}

/** Runs it; resolves with the dead letters, as `dead list` tells of them. */
export async function leaveDead(
  folder: BenchFolder,
  protocol: ProtocolName,
  at: FailingAt = 'payments',
  where: Where = { backend: 'embedded', rate: '40/s' },
): Promise<readonly DeadHead[]> {
  const path = await folder.write(`dead-${protocol}.yaml`, deadProfile(protocol, at, where));
  const ended = await run(folder, 'bench', 'run', path, '--no-tui', '--keep');
  expect([0, 103], ended.stderr).toContain(ended.code);
  const letters = await listDead(folder);
  expect(letters).toHaveLength((await folder.lastResult()).correctness?.deadLettered ?? -1);
  expect(letters.length).toBeGreaterThan(3);
  return letters;
}

export async function listDead(folder: BenchFolder): Promise<readonly DeadHead[]> {
  const listed = await json(folder, 'dead', 'list', ...last, '--limit', '1000');
  expect(listed.code, listed.stderr).toBe(0);
  return listed.document.data;
}

/** From now on the handlers fail no more: somebody deployed a fix. */
export async function deployFix(folder: BenchFolder): Promise<void> {
  const result = await folder.lastResult();
  const runFolder = (await folder.runFolders()).at(-1) ?? '';
  const { resolved } = result.profile;
  const endpoints = resolved.deployment.endpoints.map((one) => ({ ...one, failing: [] }));
  const deployment = { ...resolved.deployment, endpoints };
  const profile = { ...result.profile, resolved: { ...resolved, deployment } };
  await writeFile(join(runFolder, 'result.json'), JSON.stringify({ ...result, profile }));
}

/** Workers handle what there is, and the audit of the whole run is done again. */
export async function drained(
  folder: BenchFolder,
): Promise<NonNullable<BenchResult['correctness']>> {
  const ended = await json(folder, 'bench', 'drain', '@last');
  const { firstViolations } = ended.document.data.correctness ?? {};
  expect([ended.code, firstViolations], ended.stderr).toEqual([0, []]);
  return ended.document.data.correctness;
}

/** One is discarded, one edited, all others are retried: the audit is clean. */
export async function discardEditRetry(
  folder: BenchFolder,
  protocol: ProtocolName,
  where?: Where,
): Promise<void> {
  const letters = await leaveDead(folder, protocol, 'payments', where);
  const [first, second] = letters;
  const before = await folder.lastResult();

  const discarded = await json(folder, 'dead', 'discard', first?.messageId ?? '', ...last, '-y');
  expect(discarded.code, discarded.stderr).toBe(0);
  expect(discarded.document.data.counts).toMatchObject({ done: 1, failed: 0 });
  const backup = await readFile(discarded.document.data.backup, 'utf8');
  expect(JSON.parse(backup)).toMatchObject({ kind: 'dead-letter', id: first?.messageId });

  const body = ['--set-body', '{"corrected":true}'];
  const edited = await json(
    folder,
    'dead',
    'edit',
    second?.messageId ?? '',
    ...body,
    ...last,
    '-y',
  );
  expect(edited.code, edited.stderr).toBe(0);
  expect(edited.document.data.counts).toMatchObject({ done: 1, failed: 0 });
  expect((await listDead(folder)).map(({ messageId }) => messageId)).toEqual(
    letters.slice(2).map(({ messageId }) => messageId),
  );

  await deployFix(folder);
  const retried = await json(folder, 'dead', 'retry', ...last, '--rate', '500/s', '-y');
  expect(retried.code, retried.stderr).toBe(0);
  expect(retried.document.data.counts).toMatchObject({ done: letters.length - 2, failed: 0 });
  expect(await listDead(folder)).toEqual([]);
  const verdict = await drained(folder);
  expect(verdict).toMatchObject({ clean: true, pending: 0, deadLettered: 0, discarded: 2 });
  expect(verdict.accepted).toBe((before.correctness?.accepted ?? 0) + 1);
  // Each was handled at payments; the discarded one was not, nor was the original of the edited one.
  const handled = (before.correctness?.handled ?? 0) + letters.length - 1;
  expect(verdict.handled).toBe(handled);
}
