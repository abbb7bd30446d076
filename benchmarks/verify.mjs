/**
 * `npm run bench:verify`: states a second of the verifier over a fixed set of bounds, one process, one
 * core. Baseline: the set of visited states alone, given as many made-up rows of the same width. The
 * totals are pinned: a change that weakens the reduction, or skips states, fails here. Exit 1 then.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { verifyProtocol } from '../dist/src/verify/index.js';
import { Visited } from '../dist/src/verify/visited.js';

const goalPerSecond = 300_000;
const strong = { business: 'strong', dedupe: 'strong', payload: 'strong' };
const of = (crashes, unknowns = 1) => ({ workers: 2, copies: 2, crashes, unknowns, attempts: 3 });
const runs = [
  { protocol: 'dedupe-store', messages: 2, bounds: of(2), states: 533_222 },
  { protocol: 'outbox', messages: 2, bounds: of(3), states: 241_907 },
  { protocol: 'token', messages: 2, bounds: of(2, 0), states: 474_967 },
  { protocol: 'register-commit-publish', messages: 1, bounds: of(3), states: 484_619 },
];
const say = (line) => process.stdout.write(`${line}\n`);
const number = (value) => Math.round(value).toLocaleString('en-US');

async function measure({ protocol, messages, bounds, states: expected }) {
  const limits = { timeMs: 600_000, mostStates: 20_000_000 };
  const all = await verifyProtocol({ protocol, messages, bounds, stores: strong }, limits);
  const sum = (pick) => all.reduce((total, one) => total + pick(one), 0);
  const states = sum((one) => one.states);
  const perSecond = (states / sum((one) => one.ms)) * 1000;
  const holds = states === expected && all.every(({ verdict }) => verdict === 'holds');
  const row = { protocol, messages, ...bounds, states, expected, perSecond, holds };
  const cells = [protocol.padEnd(24), number(states).padStart(11), number(perSecond).padStart(9)];
  say(`${cells.join('  ')}  ${holds ? 'as pinned' : `NOT AS PINNED: ${number(expected)}`}`);
  return row;
}

/** Rows a second that the set takes when nobody has to find them first. */
function baseline(count) {
  const width = 16;
  const visited = new Visited({ queue: 6, programs: 13, width });
  const row = new Uint32Array(width);
  const from = performance.now();
  for (let index = 0; index < count; index++) {
    row[index % width] = (index * 2_654_435_761) >>> 12;
    visited.add(row);
  }
  return (count / (performance.now() - from)) * 1000;
}

say('protocol                       states   states/s');
const rows = [];
for (const run of runs) rows.push(await measure(run));
const states = rows.reduce((sum, row) => sum + row.states, 0);
const seconds = rows.reduce((sum, row) => sum + row.states / row.perSecond, 0);
const bare = baseline(states);
const perSecond = states / seconds;
const ratio = perSecond / bare;
const verdict = perSecond >= goalPerSecond ? 'reached' : 'missed';
say(
  `all: ${number(states)} states, ${number(perSecond)}/s; goal ${number(goalPerSecond)}/s ${verdict}`,
);
say(`ratio to the visited set alone (${number(bare)} rows/s): ${ratio.toFixed(2)}`);
const result = { cpu: cpus()[0]?.model, node: process.version, perSecond, bare, ratio, rows };
const file = fileURLToPath(new URL('results/verify.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;
