/** A run that leaves dead letters behind, and what an operator does about them, through the built CLI. */
import { writeFile } from 'node:fs/promises';
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

/** Orders are what entered from outside. */
type FailingAt = 'orders' | 'payments';

function deadProfile(protocol: ProtocolName, at: FailingAt) {
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
      backend: 'embedded',
      maxAttempts: 2,
      backoff: '10ms',
      endpoints: [
        { name: 'orders', sendsTo: ['payments'], ...failingAt('orders') },
        { name: 'payments', sendsTo: ['sink'], ...failingAt('payments') },
      ],
    },
    load: { rate: '40/s', warmup: '0s', duration: '1500ms' },
    drain: { timeout: '5s', mayLeave: true },
  };
}

/** Runs it; resolves with the dead letters, as `dead list` tells of them. */
export async function leaveDead(
  folder: BenchFolder,
  protocol: ProtocolName,
  at: FailingAt = 'payments',
): Promise<readonly DeadHead[]> {
  const path = await folder.write(`dead-${protocol}.yaml`, deadProfile(protocol, at));
  const ended = await run(folder, 'bench', 'run', path, '--no-tui', '--keep');
  expect([0, 103], ended.stderr).toContain(ended.code);
  const letters = await listDead(folder);
  expect(letters).toHaveLength((await folder.lastResult()).correctness?.deadLettered ?? -1);
  expect(letters.length).toBeGreaterThan(15);
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
