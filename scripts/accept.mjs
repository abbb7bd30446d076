/**
 * `npm run accept -- AREA`: runs the pieces of `benchmarks/accept/AREA.mjs` one after another and
 * prints a row for each. A piece's outcome is kept under `.accept/`, with the commit it belongs to,
 * so that a run that was broken off goes on where it stopped.
 *
 *   --fresh    forget what is kept
 *   --only N   run piece N (from 1) again, whatever is kept
 *
 * An area exports `rows`: a list of
 *   { line, command, run(): Promise<{ figure: string, holds: boolean }>, goal?: boolean }
 * where a `goal` is reported but does not fail the acceptance.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ready } from './ready.mjs';
import { root } from './run.mjs';

const kept = join(root, '.accept');

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { fresh: { type: 'boolean' }, only: { type: 'string' } },
  });
  const area = positionals[0] ?? '';
  const file = new URL(`../benchmarks/accept/${area}.mjs`, import.meta.url);
  if (area === '' || !existsSync(file)) return usage();
  const failed = await ready();
  if (failed !== 0) return failed;
  const { rows } = await import(file);
  const only = values.only === undefined ? undefined : Number(values.only);
  if (only !== undefined && rows[only - 1] === undefined) return usage();
  return await accept(area, rows, { fresh: values.fresh === true, only });
}

async function accept(area, rows, { fresh, only }) {
  const commit = currentState();
  const outcomes = fresh ? {} : load(area, commit);
  for (const [at, row] of rows.entries()) {
    const chosen = only === undefined ? outcomes[row.line] === undefined : only === at + 1;
    if (chosen) outcomes[row.line] = await piece(row);
    save(area, commit, outcomes);
    if (outcomes[row.line] !== undefined) print(at + 1, row, outcomes[row.line]);
  }
  return verdict(rows, outcomes);
}

/** A piece that throws does not hold; the next one runs all the same. */
async function piece(row) {
  const began = Date.now();
  process.stderr.write(`running: ${row.command}\n`);
  const outcome = await row
    .run()
    .catch((error) => ({ figure: `failed: ${error.message}`, holds: false }));
  return { ...outcome, seconds: Math.round((Date.now() - began) / 1000) };
}

function print(number, row, { figure, holds }) {
  const word = holds ? 'holds' : row.goal ? 'goal missed' : 'DOES NOT HOLD';
  process.stdout.write(`${number}. ${row.line}\n   ${row.command}\n   ${figure}: ${word}\n`);
}

function verdict(rows, outcomes) {
  const required = rows.filter((row) => !row.goal);
  const broken = required.filter((row) => outcomes[row.line]?.holds === false).length;
  const open = required.filter((row) => outcomes[row.line] === undefined).length;
  const holding = required.length - broken - open;
  const goals = rows.filter((row) => row.goal);
  const reached = goals.filter((row) => outcomes[row.line]?.holds).length;
  process.stdout.write(
    `accept: ${holding} hold, ${broken} do not, ${open} not run; goals reached: ${reached} of ${goals.length}\n`,
  );
  return broken + open === 0 ? 0 : 1;
}

/** The commit and what was changed since: the figures of one state do not stand for another. */
function currentState() {
  const git = (...args) => {
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
    return spawnSync('git', args, options).stdout.trim();
  };
  // Benchmarks write their figures into the tree: those of one row must not undo another row's.
  const changes = git('diff', 'HEAD', '--', '.', ':!benchmarks/results');
  const digest = createHash('sha256').update(changes).digest('hex').slice(0, 12);
  return `${git('rev-parse', 'HEAD')}${changes === '' ? '' : ` with changes ${digest}`}`;
}

function load(area, commit) {
  const file = join(kept, `${area}.json`);
  if (!existsSync(file)) return {};
  const saved = JSON.parse(readFileSync(file, 'utf8'));
  return saved.commit === commit ? saved.outcomes : {};
}

function save(area, commit, outcomes) {
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, `${area}.json`), `${JSON.stringify({ commit, outcomes }, null, 2)}\n`);
}

function usage() {
  const folder = new URL('../benchmarks/accept/', import.meta.url);
  const areas = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const names = areas.map((file) => file.slice(0, -'.mjs'.length)).join(', ');
  process.stderr.write(`usage: npm run accept -- AREA [--fresh] [--only N]\nareas: ${names}\n`);
  return 2;
}

process.exitCode = await main();
