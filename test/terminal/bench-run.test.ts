/** A run from beginning to end as its user sees it: report, files, exit code, and the run again. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/bench/result.js';
import { BenchFolder, type Finished, linesOf, resultIn, runBench } from '../bench/bench-cli.js';
import { tinyProfile } from '../bench/tiny-profile.js';

const longestMs = 60_000;
let folder: BenchFolder;
let profile: string;

beforeAll(async () => {
  folder = await BenchFolder.create();
  profile = await folder.write('tiny.yaml', tinyProfile({ thresholds: ['correctness.lost == 0'] }));
});

afterAll(() => folder.remove());

/** On a machine that is busy with other tests the generator may be behind: then it is 103, rightly. */
function expectExit({ code, stderr }: Finished, result: BenchResult, wanted: number): void {
  expect(code, `${result.verdict.generator}\n${stderr}`).toBe(
    result.generator.valid ? wanted : 103,
  );
}

describe('a clean run', () => {
  let ended: Finished;
  let runFolder: string;
  let result: BenchResult;

  beforeAll(async () => {
    ended = await runBench(folder, 'run', profile, '--no-tui', '--out', 'runs');
    runFolder = (await folder.runFolders()).at(-1) ?? '';
    result = resultIn(runFolder);
  }, longestMs);

  it('is reported with the verdicts on generator and audit first, without control characters', () => {
    expectExit(ended, result, 0);
    const [first, second] = ended.stdout.split('\n');
    expect(first).toMatch(result.generator.valid ? /^Generator +generator valid/ : /INVALID/);
    expect(ended.stdout).toMatch(/^Audit +audit clean: 160 handled, nothing lost/m);
    expect(second).toMatch(/^(Audit)? +\S/);
    expect(ended.stdout).not.toContain('\u001b');
  });

  it('leaves a result with every promised name, and what was counted', () => {
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining([
        'schema',
        'runId',
        'status',
        'profile',
        'environment',
        'stages',
        'correctness',
        'faults',
        'resources',
        'operations',
        'cost',
        'generator',
        'thresholds',
        'comparison',
      ]),
    );
    expect(result.schema).toBe('oncectl/bench.result/v1');
    expect(runFolder.endsWith(result.runId)).toBe(true);
    expect(result.profile.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(result.correctness).toMatchObject({
      clean: true,
      accepted: 80,
      handled: 160,
      lost: 0,
      doubled: 0,
      leaked: 0,
      contradicting: 0,
      unbounded: 0,
      deadLettered: 0,
      orphans: 0,
      firstViolations: [],
    });
    expect(result.operations.perHandledMessage).toHaveProperty(['broker.send']);
    expect(result.operations.perHandledMessage['business.commit']).toBeCloseTo(1, 0);
    expect(result.resources.workers.cpuSeconds).toBeGreaterThan(0);
  });

  it('names every latency of every stage, with its percentiles and histogram', () => {
    expect(result.stages.map(({ measured }) => measured)).toEqual([false, true]);
    const [, steady] = result.stages;
    for (const name of ['sendLag', 'publish', 'queueWait', 'processing', 'hop', 'chain'] as const) {
      const latency = steady?.latency[name];
      expect(latency, name).toMatchObject({ unit: 'us', hdr: expect.stringMatching(/^HISTFAAA/) });
      expect(latency?.count, name).toBeGreaterThan(0);
      const { p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0 } = latency ?? {};
      const rising = [p50, p90, p99, p999, max];
      expect([...rising].sort((one, other) => one - other)).toEqual(rising);
    }
  });

  it('writes down its intervals, keeps a log of each worker, and removes its stores', () => {
    const intervals = readFileSync(join(runFolder, 'intervals.ndjson'), 'utf8').trim().split('\n');
    expect(intervals.length).toBeGreaterThan(2);
    for (const line of intervals) expect(JSON.parse(line)).toHaveProperty('handledPerSecond');
    expect(readFileSync(join(runFolder, 'worker-1.log'), 'utf8')).toContain('"started"');
    if (!result.generator.valid) return;
    expect(existsSync(join(runFolder, 'store'))).toBe(false);
    expect(existsSync(join(runFolder, 'evidence'))).toBe(false);
  });

  it('is listed, and shown again in the same words', async () => {
    const listed = await runBench(folder, 'list', '-q');
    expect(listed.stdout).toBe(`${result.runId}\n`);
    const shown = await runBench(folder, 'show', '@last');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toBe(ended.stdout);
  });

  it('is shown as one document, and byte for byte', async () => {
    const json = await runBench(folder, 'show', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'oncectl/bench.show/v1' });
    expect(JSON.parse(json.stdout).data).toEqual(result);
    const raw = await runBench(folder, 'show', result.runId, '--raw');
    expect(raw.stdout).toBe(readFileSync(join(runFolder, 'result.json'), 'utf8'));
  });

  it('is found by a part of its id that only it has, and by its folder', async () => {
    for (const name of [result.runId.slice(11), runFolder]) {
      const shown = await runBench(folder, 'show', name, '-q');
      expect(shown.stdout).toBe(`${result.runId}\n`);
    }
  });

  it('is not found by another name (5)', async () => {
    const { code, stdout, stderr } = await runBench(folder, 'show', 'nothing-like-it');
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toMatch(/no run is called "nothing-like-it"/);
  });

  it('is asked for more exactly when two runs have the same beginning (5)', async () => {
    const other = await BenchFolder.create();
    try {
      for (const end of ['', '-2']) {
        cpSync(runFolder, join(other.runs, `${result.runId}${end}`), { recursive: true });
      }
      const { code, stderr } = await runBench(other, 'show', result.runId.slice(0, 10));
      expect(code).toBe(5);
      expect(stderr).toContain('2 runs match');
      expect(stderr).toContain(`${result.runId}-2`);
    } finally {
      await other.remove();
    }
  });
});

it('without any run there is no last one (5)', async () => {
  const { code, stderr } = await runBench(folder, 'show', '--out', 'elsewhere');
  expect(code).toBe(5);
  expect(stderr).toContain('bench run');
});

it(
  'streams one event a line with --json, the result in the last, and keeps the stores with --keep',
  async () => {
    const ended = await runBench(folder, 'run', profile, '--json', '--keep');
    const lines = linesOf(ended.stdout);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect(new Set(lines.map(({ schema }) => schema))).toEqual(
      new Set(['oncectl/bench.run.event/v1']),
    );
    expect(lines[0]?.data).toMatchObject({ type: 'start', profile: 'tiny' });
    expect(lines.some(({ type }) => type === 'snapshot')).toBe(true);
    const [runFolder = ''] = (await folder.runFolders()).slice(-1);
    const result = resultIn(runFolder);
    expectExit(ended, result, 0);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', data: result });
    expect(lines.filter(({ type }) => type === 'summary')).toHaveLength(1);
    expect(existsSync(join(runFolder, 'store'))).toBe(true);
    expect(existsSync(join(runFolder, 'evidence'))).toBe(true);
  },
  longestMs,
);

it(
  'ends with 99 when a threshold is missed, and says which',
  async () => {
    const strict = await folder.write(
      'strict.yaml',
      tinyProfile({ name: 'strict', thresholds: ['correctness.lost == 0', 'hop.max < 1us'] }),
    );
    const ended = await runBench(folder, 'run', strict, '--no-tui');
    const result = await folder.lastResult();
    expectExit(ended, result, 99);
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, false]);
    if (result.generator.valid) expect(result.status).toBe('failed');
    expect(ended.stdout).toMatch(/hop\.max < 1us/);
  },
  longestMs,
);
