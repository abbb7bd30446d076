/** Runs of the bench for the acceptance: through the command line, as a user would. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/run.mjs';

const out = join(root, '.accept', 'runs');
const triesOnNoisyDisk = 3;

/** Runs a profile and answers its exit code, what it said, and `result.json`. */
export function benchRun(profile, args = [], { env = {} } = {}) {
  const command = ['bench', 'run', profile, '--no-tui', '--out', out, ...args];
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const bin = join(root, 'bin', 'oncectl.js');
    const child = execFile(process.execPath, [bin, ...command], options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr, ...newestResult() });
    });
  });
}

/** Latency is judged on a quiet disk only: up to three tries, the last one is reported as it is. */
export async function benchRunOnQuietDisk(profile, args) {
  for (let attempt = 1; ; attempt++) {
    const run = await benchRun(profile, args);
    if (run.result.environment.disk.quiet || attempt === triesOnNoisyDisk) return run;
  }
}

function newestResult() {
  const newest = readdirSync(out).sort().at(-1) ?? '';
  const folder = join(out, newest);
  return { folder, result: JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) };
}

export function measuredStage(result) {
  return result.stages.find(({ measured }) => measured);
}

export function ms(us) {
  return `${(us / 1000).toFixed(1)} ms`;
}
