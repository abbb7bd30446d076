/** A repair is killed at every one of its own steps, and run again. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { protocols, remainingSteps } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { protocolSteps, type StepName } from '../../src/engine/protocols/steps.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { killedBehind } from './killed.js';
import { isFull } from './length.js';
import { expectClean } from './operator.js';
import { json, run, stop } from './stopped.js';

const repaired: readonly ProtocolName[] = [
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

/** Behind a step that no repair comes to, nothing would be left for the steps after it. */
function stepsOfRepair(protocol: ProtocolName): readonly StepName[] {
  const hasSlot = protocol === 'register-commit-publish';
  const writes = remainingSteps(protocols[protocol], hasSlot ? 'slot' : 'committed');
  // A slot is finished before the token is asked for.
  const reads: readonly StepName[] = hasSlot ? ['load'] : ['load', 'has-record', 'get-payload'];
  return protocolSteps[protocol].filter((step) => [...reads, ...writes].includes(step));
}

it.each(isFull ? repaired : (['token'] as const))(
  '%s: killed behind each step and applied again, every item comes to its end once',
  async (protocol) => {
    await stop(folder, protocol);
    const plan = join(folder.path, 'p.json');
    await run(folder, 'outbox', 'repair', ...last, '--older', '1ms', '--plan', plan);
    const runFolder = (await folder.runFolders()).at(-1) ?? '';
    let kills = 0;
    for (const step of stepsOfRepair(protocol)) {
      if ((await killedBehind(runFolder, plan, step)) === 'SIGKILL') kills++;
    }
    expect(kills).toBe(stepsOfRepair(protocol).length);
    const applied = await json(folder, 'apply', plan, ...last, '--resume');
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.document.data.counts.failed).toBe(0);
    const listed = await json(folder, 'outbox', 'list', ...last, '--older', '1ms');
    expect(listed.document.data).toEqual([]);
    await expectClean(folder);
  },
  longestMs,
);
