/**
 * `npm run bench:audit`: plants a loss, a double, a leak, and a loss and a double that cancel in the
 * counts into a million-message history, and holds the audit to finding exactly those, in under 512
 * MiB. Baseline of its speed: node:readline over the same lines. Exit 1 when it does not hold.
 * `AUDIT_MESSAGES`, `AUDIT_KEYS` and `AUDIT_SEED` change the history.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const messages = Number(process.env.AUDIT_MESSAGES ?? 1_000_000);
const keys = Number(process.env.AUDIT_KEYS ?? 10_000);
const seed = Number(process.env.AUDIT_SEED ?? 7);
const mostMiB = 512;
const child = fileURLToPath(new URL('audit/child.mjs', import.meta.url));
const say = (line) => process.stdout.write(`${line}\n`);
const number = (value, digits = 0) =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits });

async function inChild(job, ...options) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    child,
    job,
    ...options.map(String),
  ]);
  return JSON.parse(stdout);
}

async function measure(folder) {
  const planted = await inChild('write', folder, messages, keys, seed);
  say(`history   ${number(messages)} messages, written in ${number(planted.seconds, 1)} s`);
  const read = await inChild('read', folder);
  const counted = await inChild('count', folder);
  const audited = await inChild('audit', folder);
  return { planted: planted.answer, read, counted: counted.answer, audited };
}

/** Exactly the planted ones, by invariant and message, and no count beyond them. */
function judge({ planted, audited }) {
  const verdict = audited.answer;
  const found = verdict.firstViolations
    .map(({ invariant, endpoint, messageId }) => `${invariant} ${endpoint} ${messageId}`)
    .sort();
  const { lost, doubled, leaked, contradicting, unbounded } = verdict;
  const counts = { lost, doubled, leaked, contradicting, unbounded };
  const expected = { lost: 2, doubled: 2, leaked: 1, contradicting: 0, unbounded: 0 };
  return {
    found,
    counts,
    exactly:
      JSON.stringify(found) === JSON.stringify(planted) &&
      JSON.stringify(counts) === JSON.stringify(expected),
    inMemory: audited.peakMiB < mostMiB,
  };
}

function report({ planted, read, counted, audited }, judged) {
  const perSecond = messages / audited.seconds;
  say(`evidence  ${number(read.answer.lines)} lines, ${number(read.answer.bytes / 2 ** 20)} MiB`);
  say(`planted   a loss, a double, a leak, and a loss and a double that cancel: ${planted.length}`);
  say(`by counts ${counted.map((n) => number(n)).join(' and ')} committed of ${number(messages)}`);
  for (const one of planted) say(`  ${judged.found.includes(one) ? 'found ' : 'MISSED'}  ${one}`);
  for (const one of judged.found) if (!planted.includes(one)) say(`  BEYOND  ${one}`);
  say(`exactly those: ${judged.exactly ? 'yes' : `NO ${JSON.stringify(judged.counts)}`}`);
  say(`peak      ${number(audited.peakMiB)} MiB (must stay under ${mostMiB})`);
  say(
    `speed     ${number(perSecond)} messages/s: ${number(audited.seconds, 1)} s, ` +
      `${number(audited.cpuSeconds, 1)} s of CPU`,
  );
  say(
    `ratio     ${number(audited.seconds / read.seconds, 2)} x node:readline over the same lines ` +
      `(${number(read.seconds, 1)} s)`,
  );
}

function result({ planted, read, counted, audited }, judged) {
  return {
    schema: 'oncectl/benchmark.audit/v1',
    at: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    messages,
    keys,
    seed,
    lines: read.answer.lines,
    bytes: read.answer.bytes,
    planted,
    found: judged.found,
    exactly: judged.exactly,
    committedByCount: counted,
    peakMiB: Math.round(audited.peakMiB),
    mostMiB,
    seconds: audited.seconds,
    cpuSeconds: audited.cpuSeconds,
    messagesPerSecond: Math.round(messages / audited.seconds),
    baseline: { name: 'node:readline over every line', seconds: read.seconds },
    ratio: audited.seconds / read.seconds,
  };
}

const folder = await mkdtemp(join(tmpdir(), 'oncectl-bench-audit-'));
try {
  const measured = await measure(folder);
  const judged = judge(measured);
  report(measured, judged);
  const path = fileURLToPath(new URL('results/audit.json', import.meta.url));
  await writeFile(path, `${JSON.stringify(result(measured, judged), null, 2)}\n`);
  if (!judged.exactly || !judged.inMemory) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
