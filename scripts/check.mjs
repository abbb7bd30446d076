/**
 * `npm run check`: everything that can be said about the code without running its tests. One line a
 * step; a failing step shows what it said. `--report FILE` writes the counts as JSON.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ready } from './ready.mjs';
import { captureScript, root } from './run.mjs';

const tool = (...path) => join(root, 'node_modules', ...path);
const own = (name) => join(root, 'scripts', name);

const steps = [
  [
    'lint and format',
    tool('@biomejs', 'biome', 'bin', 'biome'),
    ['check', '--error-on-warnings', '--diagnostic-level=warn'],
  ],
  ['types', tool('typescript', 'bin', 'tsc'), ['-p', join('test', 'tsconfig.json')]],
  ['dead exports', tool('knip', 'bin', 'knip.js'), ['--no-progress']],
  [
    'import direction',
    tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    ['--config', '.dependency-cruiser.cjs', 'src', 'commands'],
  ],
  ['house style', own('style.mjs'), []],
  ['generated docs', own('docs.mjs'), ['--check']],
  ['generated schemas', own('schemas.mjs'), ['--check']],
];

async function main(args) {
  const failed = [];
  if ((await ready()) !== 0) failed.push('build');
  for (const [name, script, scriptArgs] of steps) {
    if (!(await step(name, script, scriptArgs))) failed.push(name);
  }
  report(args, failed.length);
  const verdict =
    failed.length === 0 ? 'all well' : `${failed.length} failed: ${failed.join(', ')}`;
  process.stdout.write(`check: ${verdict}\n`);
  return failed.length === 0 ? 0 : 1;
}

async function step(name, script, args) {
  const began = Date.now();
  const { code, output } = await captureScript(script, args);
  const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`;
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(18)} ${seconds}\n`);
  const warnings = output.split('\n').filter((line) => line.includes(' warning: '));
  const said = code === 0 ? warnings.map((line) => `${line}\n`).join('') : output;
  process.stdout.write(said);
  return code === 0;
}

function report(args, failed) {
  const at = args.indexOf('--report');
  const file = at === -1 ? undefined : args[at + 1];
  const total = steps.length + 1;
  if (file !== undefined) writeFileSync(file, JSON.stringify({ passed: total - failed, failed }));
}

process.exitCode = await main(process.argv.slice(2));
