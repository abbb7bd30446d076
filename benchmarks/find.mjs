/**
 * `npm run bench:find`: how long an operator waits for what `inspect` and `outbox list` ask the stores,
 * among a million messages over 15 endpoints and a million entries of one, on embedded and on PostgreSQL.
 * Every question is asked by a fresh process and timed from its start, with opening the deployment and
 * closing it. Entries lie in two shapes: committed in the order of their messages' ids, and against it.
 * Baselines, asked in the same way: all messages as the audit lists them; `listPending` to its end.
 * Only rounds in which nobody else used the machine count, where there are some. Exit 1 when an answer
 * is wrong, or takes a second.
 *
 *   node benchmarks/find.mjs [--messages 1000000] [--entries 1000000] [--rounds 5]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endpoints, oldestAsked } from './find/data.mjs';
import { fillEmbedded } from './find/fill-embedded.mjs';
import { fillPostgres, plansOf } from './find/fill-postgres.mjs';
import { measure } from './find/measure.mjs';
import { withPostgres } from './postgres/server.mjs';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    entries: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
  },
});
const [messages, entries, rounds] = [values.messages, values.entries, values.rounds].map(Number);
const goalMs = 1000;
const say = (line) => process.stdout.write(`${line}\n`);
const number = (value) => Math.round(value).toLocaleString('en-US');

async function askOne(target, { what, isBaseline = false, ...one }, serverCpuSeconds) {
  const row = await measure(target, one, isBaseline ? 1 : rounds, serverCpuSeconds);
  const figures = [row.ms, row.worst, row.cpuMs].map((each) => number(each).padStart(8)).join('');
  const quiet = `${row.quietRounds} of ${row.rounds}`.padStart(8);
  const verdict = isBaseline ? 'baseline' : verdictOf(row);
  const wrong = row.isRight ? '' : '  WRONG ANSWER';
  say(`  ${what.padEnd(48)} ${figures} ${quiet}  ${verdict}${wrong}`);
  return { what, isBaseline, ...row };
}

function verdictOf({ ms, quietRounds }) {
  if (ms < goalMs) return 'under 1 s';
  return quietRounds === 0 ? 'not judged: others were at work' : 'A SECOND OR MORE';
}

function messageQuestions({ early, late, alone }) {
  const copies = (prefix) => ({ of: 'copies', endpoints, prefix });
  return [
    { what: 'baseline: all messages as the audit lists them', isBaseline: true },
    { what: 'copies of the message queued first, by its id', question: copies(early) },
    { what: 'copies of the message queued last, by its id', question: copies(late) },
    { what: 'copies by a prefix of 6 characters', question: copies(alone.slice(0, 6)) },
    { what: 'copies of an id that is not there', question: copies(`${early.slice(0, -1)}!`) },
  ].map((one, at) => ({
    question: { of: 'pending', messageId: late },
    expected: [[late], [early], [late], [alone], []][at],
    ...one,
  }));
}

function entryQuestions({ endpoint, oldest }) {
  return [
    { what: 'baseline: `listPending` to its end, sorted', of: 'list-pending', isBaseline: true },
    { what: 'the oldest 100', of: 'oldest' },
  ].map(({ of, ...one }) => ({
    ...one,
    question: { of, endpoint, limit: oldestAsked },
    expected: oldest,
  }));
}

async function askAll(target, questions, serverCpuSeconds) {
  const rows = [];
  for (const one of questions) rows.push(await askOne(target, one, serverCpuSeconds));
  const base = rows.find(({ isBaseline }) => isBaseline);
  for (const row of rows) row.ratio = row.ms / base.ms;
  const ratios = rows.filter((row) => row !== base).map(({ ratio }) => ratio.toFixed(2));
  say(`  ratios to the baseline: ${ratios.join(', ')}`);
  return rows;
}

async function backend(name, filled, serverCpuSeconds = () => 0) {
  const results = [];
  for (const { target, what, about, keys } of filled) {
    say(`${name}, ${what}`);
    say(`  ${'a fresh process each, ms'.padEnd(48)}   median   worst     cpu    quiet`);
    const questions = about.oldest ? entryQuestions(about) : messageQuestions(about);
    const rows = await askAll(target, questions, serverCpuSeconds);
    for (const line of keys) say(`  | ${line}`);
    results.push({ backend: name, what, keys, rows });
  }
  return results;
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'oncectl-bench-find-'));
  const counts = { messages, entries };
  try {
    const embedded = await backend('embedded', await fillEmbedded(folder, counts));
    rmSync(folder, { recursive: true, force: true });
    const postgres = await withPostgres((server) =>
      server.withDatabase('find', async (url) => {
        const filled = await fillPostgres(url, counts);
        for (const one of filled) one.keys = await plansOf(one);
        return backend('postgres', filled, () => server.cpuSeconds());
      }),
    );
    return [...embedded, ...postgres];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const parts = await main();
const rows = parts.flatMap((part) => part.rows);
const isRight = rows.every((row) => row.isRight);
const slow = rows.filter(({ isBaseline, ms }) => !isBaseline && ms >= goalMs);
const isFast = slow.length === 0;
const isSlow = slow.some(({ quietRounds }) => quietRounds > 0);
const verdict = isFast ? 'yes' : isSlow ? 'NO' : 'not judged: others were at work';
say(`answers ${isRight ? 'all right' : 'NOT ALL RIGHT'}; each under 1 s: ${verdict}`);
const file = fileURLToPath(new URL('results/find.json', import.meta.url));
const result = {
  schema: 'oncectl/benchmark.find/v1',
  at: new Date().toISOString(),
  ...{ node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length },
  ...{ messages, entries, rounds, goalMs, isRight, isFast, parts },
};
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.exitCode = isRight && !isSlow ? 0 : 1;
