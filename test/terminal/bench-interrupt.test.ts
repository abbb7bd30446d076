/** However a run is cut short, it leaves a whole result and nothing behind that runs. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BenchFolder, RunningCli, resultIn } from '../bench/bench-cli.js';
import { endlessProfile } from '../bench/tiny-profile.js';
import { eventually } from '../conformance/fixtures.js';

const patience = 30_000;
const longestMs = 60_000;
let folder: BenchFolder;
let endless: string;

beforeAll(async () => {
  folder = await BenchFolder.create();
  endless = await folder.write('endless.yaml', endlessProfile({ name: 'endless' }));
});

afterAll(() => folder.remove());

function start(...more: string[]): RunningCli {
  return new RunningCli(folder, ['bench', 'run', endless, '--json', ...more]);
}

function waitFor(what: string, holds: () => boolean): Promise<boolean> {
  return eventually(what, patience, async () => holds(), Boolean);
}

function handlesMessages(cli: RunningCli): Promise<boolean> {
  return waitFor('messages are handled', () =>
    cli.lines().some(({ type, data }) => type === 'snapshot' && Number(data.handled) > 20),
  );
}

function isIn(cli: RunningCli, phase: string): Promise<boolean> {
  return waitFor(`the phase ${phase}`, () => cli.lines().some(({ data }) => data.phase === phase));
}

/** Processes that this one has started. */
function childrenOf(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/).map(Number));
  return rows.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThanOrEqual(3);
  await waitFor('every process of the run is gone', () => !pids.some(isAlive));
}

it(
  'stops sending, drains and reports at the first Ctrl-C: 105 and an audited partial result',
  async () => {
    const cli = start();
    await handlesMessages(cli);
    const children = childrenOf(cli.pid);
    const interruptedAt = performance.now();
    cli.kill('SIGINT');
    const { code } = await cli.finished;
    expect(performance.now() - interruptedAt).toBeLessThan(10_000);
    expect(code).toBe(105);
    const result = await folder.lastResult();
    expect(result.status).toBe('aborted');
    expect(result.correctness).toMatchObject({ clean: true, lossDecided: false });
    expect(result.correctness?.handled).toBeGreaterThan(20);
    expect(cli.lines().at(-1)).toMatchObject({ type: 'summary', data: { status: 'aborted' } });
    await expectGone(children);
  },
  longestMs,
);

it(
  'does not wait longer than the drain may take for handlers that never end',
  async () => {
    await folder.write('stuck.mjs', 'export const stuck = { "*": () => new Promise(() => {}) };');
    const profile = endlessProfile({
      name: 'stuck',
      deployment: { endpoints: [{ name: 'orders', handlers: './stuck.mjs#stuck' }] },
    });
    const file = await folder.write('stuck.yaml', profile);
    const cli = new RunningCli(folder, ['bench', 'run', file, '--json']);
    await waitFor('messages are at work', () =>
      cli.lines().some(({ type, data }) => type === 'snapshot' && Number(data.inFlight) > 0),
    );
    const interruptedAt = performance.now();
    cli.kill('SIGINT');
    const { code } = await cli.finished;
    const seconds = (performance.now() - interruptedAt) / 1000;
    expect(code).toBe(105);
    expect(seconds).toBeGreaterThan(2.5);
    expect(seconds).toBeLessThan(8);
    expect((await folder.lastResult()).drained).toBe(false);
  },
  longestMs,
);

it(
  'ends at once at the second Ctrl-C, with a whole result',
  async () => {
    const cli = start();
    await handlesMessages(cli);
    const children = childrenOf(cli.pid);
    cli.kill('SIGINT');
    await isIn(cli, 'draining');
    cli.kill('SIGINT');
    const { code } = await cli.finished;
    expect(code).toBe(105);
    expect((await folder.lastResult()).status).toBe('aborted');
    await expectGone(children);
  },
  longestMs,
);

it(
  'reports although it was interrupted before the first message was sent',
  async () => {
    const cli = start();
    await isIn(cli, 'preparing');
    cli.kill('SIGINT');
    const { code, stderr } = await cli.finished;
    expect({ code, stderr }).toEqual({ code: 105, stderr: '' });
    expect(await folder.lastResult()).toMatchObject({
      status: 'aborted',
      correctness: { clean: true, accepted: 0 },
    });
  },
  longestMs,
);

it(
  'leaves a whole result and no process behind when it is killed',
  async () => {
    const cli = start();
    await handlesMessages(cli);
    const [runFolder = ''] = (await folder.runFolders()).slice(-1);
    await waitFor('a partial result that counts', () => {
      const { counts } = resultIn(runFolder).operations;
      return (counts['broker.send'] ?? 0) > 0;
    });
    const children = childrenOf(cli.pid);
    cli.kill('SIGKILL');
    expect((await cli.finished).signal).toBe('SIGKILL');
    await expectGone(children);
    expect(resultIn(runFolder).status).toBe('aborted');
    const shown = new RunningCli(folder, ['bench', 'show', '@last']);
    const { code, stdout } = await shown.finished;
    expect(code).toBe(0);
    expect(stdout).toMatch(/endless .* aborted/);
  },
  longestMs,
);
