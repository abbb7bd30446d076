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
const parts = [
  ['same seed', () => sameSeed()],
  ['pacing', () => pacing(long)],
  ['10,000/s', () => tenThousand(short)],
  ['live view', () => withLiveView(quick ? 5 : 20)],
  ['maximum', () => maximum(quick ? 3 : 6)],
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
  const columns = ['test', 'must', 'measured', 'holds', 'baseline'];
  const lines = table.map((entry) =>
    columns.map((column) => {
      if (column !== 'holds') return String(entry[column] ?? '');
      return entry.holds === null ? '-' : entry.holds ? 'yes' : 'NO';
    }),
  );
  const all = [columns, ...lines];
  const widths = columns.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  for (const line of all) {
    const text = line.map((cell, column) => cell.padEnd(widths[column])).join('  ');
    process.stdout.write(`${text.trimEnd()}\n`);
  }
}

function save(table) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const environment = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  const result = { at: new Date().toISOString(), quick, environment, rows: table };
  writeFileSync(new URL('load.json', folder), `${JSON.stringify(result, null, 2)}\n`);
}
