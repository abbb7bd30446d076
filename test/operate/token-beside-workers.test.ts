/**
 * The sweep beside workers at load that are killed, stalled, and sent duplicates: again and again, deleted
 * at once, and by every rule. Nothing that is live is swept: the audit is clean.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readResult } from '../../src/bench/run-folder.js';
import type { OncectlError } from '../../src/engine/errors.js';
import { executorOf } from '../../src/operate/executors.js';
import { type Operation, openOperation } from '../../src/operate/operation.js';
import { applyPlan } from '../../src/operate/plan/apply.js';
import type { Plan } from '../../src/operate/plan/plan.js';
import { examineTokens } from '../../src/operate/token/examine.js';
import { findLost } from '../../src/operate/token/lost.js';
import { planDelete, planQuarantine } from '../../src/operate/token/plan-sweep.js';
import { quarantined } from '../../src/operate/token/quarantine.js';
import { BenchFolder, RunningCli } from '../bench/bench-cli.js';
import { faultyProfile } from '../bench/faulty-profile.js';
import { eventually } from '../conformance/fixtures.js';
import { inFull } from './length.js';

const longestMs = 180_000;
let folder: BenchFolder;
beforeEach(async () => {
  folder = await BenchFolder.create();
});
afterEach(() => folder.remove());

it.each(inFull(['token', 'register-commit-publish'] as const, ['token']))(
  '%s: swept without end while workers die, nothing is lost',
  async (protocol) => {
    const drain = { timeout: '60s', mayLeave: true };
    const profile = { ...faultyProfile(protocol, { rate: '120/s' }), drain };
    const path = await folder.write('p.yaml', profile);
    const bench = new RunningCli(folder, ['bench', 'run', path, '--no-tui', '--keep']);
    let isOver = false;
    const finished = bench.finished.finally(() => {
      isOver = true;
    });
    const run = await eventually('the run began', 30_000, runFolder, (found) => found !== null);
    const operation = await eventually(
      'its stores are there',
      30_000,
      () => opened(run ?? '').catch(notThere),
      (found) => found !== null,
    );
    if (!operation) return;
    let swept = 0;
    try {
      while (!isOver) {
        swept += await sweepOnce(operation);
        // Reads of an embedded store may leave no gap for anything else in this process.
        await new Promise(setImmediate);
      }
      const { code, stderr } = await finished;
      // 103: the generator was behind on a machine that is busy.
      expect([0, 103], stderr).toContain(code);
      const { correctness } = await folder.lastResult();
      expect(correctness).toMatchObject({ clean: true, lost: 0, pending: 0 });
      swept += await sweepOnce(operation);
      if (protocol === 'token') expect(swept).toBeGreaterThan(0);
      const { tokens, look } = await examineTokens(operation, { youngerThanMs: 0 });
      expect(tokens.map(({ verdict }) => verdict)).toEqual([]);
      expect(await findLost(operation, look, new Set())).toEqual([]);
    } finally {
      bench.kill('SIGKILL');
      await operation.close();
    }
  },
  longestMs,
);

/** Stores that are being made. */
function notThere(error: unknown): null {
  if ((error as OncectlError).kind === 'not-found') return null;
  throw error;
}

/** The run, once its stores are there and its result says what its profile is. */
async function runFolder(): Promise<string | null> {
  const [found] = await folder.runFolders();
  if (found === undefined) return null;
  return existsSync(join(found, 'result.json')) && existsSync(join(found, 'store')) ? found : null;
}

async function opened(run: string): Promise<Operation> {
  const { profile } = await readResult(run);
  return openOperation({
    profile: profile.resolved,
    folder: join(run, 'store'),
    evidenceFolder: join(run, 'evidence'),
    ...{ workersGone: false, readOnly: false },
    actor: { user: 'test', host: 'here', version: '0' },
  });
}

/** Quarantine and deletion of whatever is proven at this moment; how many payloads were deleted. */
async function sweepOnce(operation: Operation): Promise<number> {
  const { tokens } = await examineTokens(operation, { youngerThanMs: 0 });
  await applied(operation, planQuarantine(operation, tokens, {}));
  const records = await quarantined(operation.cells);
  const choices = { quarantinedForMs: 0, keepsBackup: true };
  return applied(operation, planDelete(operation, records, choices, {}));
}

async function applied(operation: Operation, plan: Plan): Promise<number> {
  if (plan.items.length === 0) return 0;
  const { counts } = await applyPlan(operation, {
    ...{ plan, executor: executorOf(plan.action), resume: true, canary: [], reason: null },
    ...{ ratePerSecond: null, stopOn: null, backupFolder: join(folder.path, 'backups') },
  });
  expect(counts.failed).toBe(0);
  return counts.done;
}
