/** A repair is killed at every one of its own steps, and run again. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { protocolSteps } from '../../src/engine/protocols/steps.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { json, run, stop } from './stopped.js';

const protocols: readonly ProtocolName[] = [
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];
const longestMs = 120_000;
const last = ['-p', '@last'];

let folder: BenchFolder;
beforeEach(async () => {
  folder = await BenchFolder.create();
});
afterEach(() => folder.remove());

it.each(protocols)(
  '%s: killed behind each step and applied again, every item comes to its end once',
  async (protocol) => {
    await stop(folder, protocol);
    const plan = join(folder.path, 'p.json');
    await run(folder, 'outbox', 'repair', ...last, '--older', '1ms', '--plan', plan);
    const runFolder = (await folder.runFolders()).at(-1) ?? '';
    let kills = 0;
    for (const step of protocolSteps[protocol]) {
      if ((await killedBehind(runFolder, plan, step)) === 'SIGKILL') kills++;
    }
    expect(kills).toBeGreaterThanOrEqual(3);
    const applied = await json(folder, 'apply', plan, ...last, '--resume');
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.document.data.counts.failed).toBe(0);
    const listed = await json(folder, 'outbox', 'list', ...last, '--older', '1ms');
    expect(listed.document.data).toEqual([]);
    const drained = await json(folder, 'bench', 'drain', '@last');
    expect(drained.code, drained.stderr).toBe(0);
    expect(drained.document.data.correctness).toMatchObject({ clean: true, pending: 0 });
  },
  longestMs,
);

const script = fileURLToPath(new URL('./killed-repair.mjs', import.meta.url));

function killedBehind(...args: readonly string[]): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += String(text);
    });
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(signal);
      else reject(new Error(said));
    });
  });
}
