/**
 * Applies a plan as `oncectl apply --resume` does, and kills itself behind the first step of that name:
 * node killed-repair.mjs RUN-FOLDER PLAN STEP. Ends with 0 when no item came past the step.
 */
import { dirname, join } from 'node:path';
import { readResult } from '../../dist/src/bench/run-folder.js';
import { executorOf } from '../../dist/src/operate/executors.js';
import { openOperation } from '../../dist/src/operate/operation.js';
import { applyPlan } from '../../dist/src/operate/plan/apply.js';
import { readPlan } from '../../dist/src/operate/plan/file.js';

const [run, file, step] = process.argv.slice(2);
const { profile } = await readResult(run);
const operation = await openOperation({
  profile: profile.resolved,
  folder: join(run, 'store'),
  evidenceFolder: join(run, 'evidence'),
  workersGone: true,
  actor: { user: 'test', host: 'here', version: '0' },
  readOnly: false,
});
const plan = await readPlan(file);
await applyPlan(operation, {
  plan,
  executor: executorOf(plan.action),
  resume: true,
  canary: [],
  ratePerSecond: null,
  stopOn: null,
  backupFolder: join(run, 'backups'),
  folder: dirname(file),
  reason: null,
  boundary: (name) => {
    if (name === step) process.kill(process.pid, 'SIGKILL');
  },
});
await operation.close();
