/**
 * `npm run bench:load [-- --quick]`: is the load generator as exact as it must be? Prints the
 * acceptance table and writes `benchmarks/results/load.json`. Exit 1 when a row does not hold.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { freeze, maximum, pacing, sameSeed, tenThousand, withLiveView } from './load/rows.mjs';

const quick = process.argv.includes('--quick');
const long = quick ? 6 : 60;
const short = quick ? 3 : 10;
/** Runs that others on the machine disturbed are repeated; the quietest counts, not the best. */
const tries = quick ? 1 : 3;
const parts = [
  ['same seed', () => sameSeed()],
  ['pacing', () => pacing(long, tries)],
  ['10,000/s', () => tenThousand(short, tries)],
  ['live view', () => withLiveView(quick ? 5 : 20)],
  ['maximum', () => maximum(quick ? 3 : 6, tries)],
  ['freeze', () => freeze(quick ? 10 : 20)],
];

const rows = [];
for (const [name, run] of parts) {
  process.stderr.write(`${name} ...\n`);
  rows.push(...(await run()));
}
print(rows);
save(rows);
process.exitCode = rows.some(({ holds }) => holds === false) ? 1 : 0;

function print(table) {
  const columns = ['test', 'must', 'measured', 'holds', 'others', 'baseline'];
  const lines = table.map((entry) => columns.map((column) => cell(entry, column)));
  const all = [columns, ...lines];
  const widths = columns.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  for (const line of all) {
    const text = line.map((text, column) => text.padEnd(widths[column])).join('  ');
    process.stdout.write(`${text.trimEnd()}\n`);
  }
}

/** `others`: cores that everything else on the machine used meanwhile. */
function cell(entry, column) {
  const value = entry[column];
  if (column === 'holds') return value === null ? '-' : value ? 'yes' : 'NO';
  if (column === 'others') return value === undefined ? '' : value.toFixed(2);
  return String(value ?? '');
}

function save(table) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const environment = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  const result = { at: new Date().toISOString(), quick, environment, rows: table };
  writeFileSync(new URL('load.json', folder), `${JSON.stringify(result, null, 2)}\n`);
}
