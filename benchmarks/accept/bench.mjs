/** The acceptance of the bench, a row per line of its list. Run by `npm run accept -- bench`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureScript, root } from '../../scripts/run.mjs';
import { startUpTimes } from '../start-up.mjs';
import { classicRows } from './classic.mjs';
import { faultyRows } from './faulty.mjs';

const script = (name) => join(root, 'scripts', name);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

/** A benchmark of its own: its exit code is the verdict. One that breaks off leaves no new results. */
function benchmark(line, name, figureOf) {
  return {
    line,
    command: `npm run bench:${name}`,
    async run() {
      const began = Date.now();
      const { code, output } = await captureScript(join(root, 'benchmarks', `${name}.mjs`), []);
      const isNew = statSync(resultsFile(name)).mtimeMs >= began;
      const broke = () => `broke off: ${output.trim().split('\n').slice(-8).join(' ')}`;
      return { figure: isNew ? figureOf(output) : broke(), holds: code === 0 && isNew };
    },
  };
}

const resultsFile = (name) => join(root, 'benchmarks', 'results', `${name}.json`);

function results(name) {
  return JSON.parse(readFileSync(resultsFile(name), 'utf8'));
}

function tests(line, files) {
  return {
    line,
    command: `npx vitest run ${files.join(' ')}`,
    async run() {
      const { code, output } = await captureScript(vitest, ['run', ...files]);
      const counted = output.split('\n').find((text) => text.includes('Tests '));
      return { figure: plain(counted ?? 'no tests'), holds: code === 0 };
    },
  };
}

/** Without the colours that a tool left in. */
function plain(text) {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '').trim();
}

/** In a clean clone, with nothing but Node and npm: no user configuration, an empty cache. */
function inClone(line, command, figureOf, mostMinutes) {
  return {
    line,
    command: `git clone . DIR && cd DIR && ${command}`,
    async run() {
      const folder = mkdtempSync(join(tmpdir(), 'oncectl-clone-'));
      try {
        return cloneAndRun(folder, command, figureOf, mostMinutes);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function cloneAndRun(folder, command, figureOf, mostMinutes) {
  const clone = join(folder, 'clone');
  spawnSync('git', ['clone', '-q', root, clone]);
  const env = { PATH: process.env.PATH, HOME: folder, CI: 'true' };
  const began = Date.now();
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd: clone,
    env: { ...env, npm_config_userconfig: '/dev/null', npm_config_cache: join(folder, 'cache') },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const minutes = (Date.now() - began) / 60_000;
  const figure = `exit ${status} after ${minutes.toFixed(1)} min; ${figureOf(plain(stdout + stderr))}`;
  return { figure, holds: status === 0 && minutes < mostMinutes };
}

const lineWith = (text, word) => text.split('\n').find((one) => one.includes(word)) ?? '';

export const rows = [
  {
    line: '`--version` takes at most 1.5 times `node -e 0` plus 100 ms',
    command: 'node benchmarks/start-up.mjs',
    async run() {
      const { bareMs, limitMs, versionMs } = startUpTimes(21);
      const figure = `${versionMs.toFixed(0)} ms, limit ${limitMs.toFixed(0)} ms (node -e 0: ${bareMs.toFixed(0)} ms)`;
      return { figure, holds: versionMs <= limitMs };
    },
  },
  {
    line: 'lint, format, types, dead exports, import direction, house style and docs',
    command: 'npm run check',
    async run() {
      const { code, output } = await captureScript(script('check.mjs'), []);
      return { figure: output.trim().split('\n').at(-1) ?? '', holds: code === 0 };
    },
  },
  ...classicRows,
  ...faultyRows,
  benchmark('sustained maximum of each protocol >= 0.4 of the bare library', 'engine', () =>
    results('engine')
      .rows.map(
        (row) => `${row.protocol} ${row.handledPerSecond.toFixed(0)}/s ${row.ratio.toFixed(2)}`,
      )
      .join(', '),
  ),
  {
    line: 'goal: 15,000 handled a second with outbox',
    command: 'npm run bench:engine',
    goal: true,
    async run() {
      const row = results('engine').rows.find(({ protocol }) => protocol === 'outbox');
      const figure = `${row.handledPerSecond.toFixed(0)}/s`;
      return { figure, holds: row.handledPerSecond >= 15_000 };
    },
  },
  benchmark('the acceptance table of the load generator', 'load', () =>
    results('load')
      .rows.map(
        ({ test, measured, holds }) => `${test}: ${measured}${holds ? '' : ' (does not hold)'}`,
      )
      .join('; '),
  ),
  benchmark(
    'a million messages audited, exactly the planted found, under 512 MiB',
    'audit',
    (text) => text.trim().split('\n').slice(-3).join(' '),
  ),
  tests("nothing goes on while a store's flush is held back", [
    'test/backends/held-flush-protocols.test.ts',
    'test/backends/embedded-held-flush.test.ts',
  ]),
  tests('every bad profile gets one clear message and exit 104', ['test/profile']),
  inClone(
    'a clean clone: npm run classic ends with a clean audit and exit 0',
    'npm run classic',
    (text) => lineWith(text, 'Audit'),
    10,
  ),
  inClone(
    'a clean clone: npm test passes in under 10 minutes',
    'npm test',
    (text) => lineWith(text, 'Tests '),
    10,
  ),
];
