/**
 * `npm run bench:find`: how long an operator waits for what `inspect` and `outbox list` ask the stores,
 * among a million messages over 15 endpoints and a million entries of one, on embedded and on PostgreSQL.
 * Every question is asked by a fresh process and timed from its start, with opening the deployment and
 * closing it. Entries lie in two shapes: committed in the order of their messages' ids, and against it.
 * Baselines, asked in the same way: all messages as the audit lists them; `listPending` to its end.
 * Exit 1 when an answer is wrong, or takes a second.
 *
 *   node benchmarks/find.mjs [--messages 1000000] [--entries 1000000] [--rounds 5]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { endpoints, oldestAsked } from './find/data.mjs';
import { fillEmbedded } from './find/fill-embedded.mjs';
import { fillPostgres, plansOf } from './find/fill-postgres.mjs';
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
const asked = fileURLToPath(new URL('find/ask.mjs', import.meta.url));
const say = (line) => process.stdout.write(`${line}\n`);
const number = (value) => Math.round(value).toLocaleString('en-US');

/** The answer of a fresh process, and how long it lived until it had it. */
async function ask(target, question) {
  const options = { maxBuffer: 2 ** 26 };
  const given = [asked, JSON.stringify(target), JSON.stringify(question)];
  return JSON.parse((await promisify(execFile)(process.execPath, given, options)).stdout);
}

async function measure(target, { what, question, expected, isBaseline = false }) {
  const [times, cpu] = [[], []];
  let isRight = true;
  for (let round = 0; round < (isBaseline ? 1 : rounds); round++) {
    const { ms, cpuMs, answer } = await ask(target, question);
    times.push(ms);
    cpu.push(cpuMs);
    isRight &&= JSON.stringify(answer) === JSON.stringify(expected);
  }
  const ms = medianOf(times);
  const verdict = isBaseline ? 'baseline' : ms < goalMs ? 'under 1 s' : 'A SECOND OR MORE';
  const figures = [ms, Math.max(...times), medianOf(cpu)].map((one) => number(one).padStart(8));
  say(`  ${what.padEnd(52)} ${figures.join('')}  ${verdict}${isRight ? '' : '  WRONG ANSWER'}`);
  return { what, ms, worst: Math.max(...times), cpuMs: medianOf(cpu), isRight, isBaseline };
}

function medianOf(values) {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];
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

async function askAll(target, questions) {
  const rows = [];
  for (const one of questions) rows.push(await measure(target, one));
  const base = rows.find(({ isBaseline }) => isBaseline);
  for (const row of rows) row.ratio = row.ms / base.ms;
  const ratios = rows.filter((row) => row !== base).map(({ ratio }) => ratio.toFixed(2));
  say(`  ratios to the baseline: ${ratios.join(', ')}`);
  return rows;
}

async function backend(name, filled) {
  const results = [];
  for (const { target, what, about, keys } of filled) {
    say(`${name}, ${what}`);
    say(`  ${'a fresh process each, ms'.padEnd(52)}   median   worst     cpu`);
    const rows = await askAll(
      target,
      about.oldest ? entryQuestions(about) : messageQuestions(about),
    );
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
        return backend('postgres', filled);
      }),
    );
    return [...embedded, ...postgres];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const before = loadavg()[0];
const parts = await main();
const rows = parts.flatMap((part) => part.rows);
const isRight = rows.every((row) => row.isRight);
const isFast = rows.every(({ isBaseline, ms }) => isBaseline || ms < goalMs);
say(`answers ${isRight ? 'all right' : 'NOT ALL RIGHT'}; each under 1 s: ${isFast ? 'yes' : 'NO'}`);
const file = fileURLToPath(new URL('results/find.json', import.meta.url));
const result = {
  schema: 'oncectl/benchmark.find/v1',
  at: new Date().toISOString(),
  ...{ node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length },
  ...{ loadBefore: before, messages, entries, rounds, goalMs, isRight, isFast, parts },
};
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.exitCode = isRight && isFast ? 0 : 1;
