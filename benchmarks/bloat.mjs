/**
 * `npm run bench:bloat`: does the PostgreSQL backend slow down as rows come and go? A steady load for
 * minutes, and every ten seconds: rows and dead rows, bytes, vacuums, and the latency of that interval.
 * Retention is short, so that purging is at work as it is in a run of weeks. Exit 1 when the queue's p99
 * of the last third is more than 1.5 times that of the first, or when dead rows or bytes still grow.
 *
 * With `--with-old-snapshot` another connection holds a snapshot for the second third, during which no
 * row that died can be removed by anybody: what it does is reported, not judged; neither are runs shorter
 * than five minutes.
 *
 *   node benchmarks/bloat.mjs [--minutes 10] [--protocol outbox] [--rate 250] [--with-old-snapshot]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { probeDisk } from '../dist/src/bench/disk-probe.js';
import { judge, thirdsOf } from './bloat/judge.mjs';
import { steadyProfile, withLoad } from './bloat/load.mjs';
import { Observer } from './bloat/observer.mjs';
import { withOldSnapshot } from './bloat/old-snapshot.mjs';
import { sampleHeads, sampleLine, tableLines } from './bloat/print.mjs';
import { folderOf } from './postgres/folder-of.mjs';
import { withPostgres } from './postgres/server.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    protocol: { type: 'string', default: 'outbox' },
    rate: { type: 'string', default: '250' },
    'with-old-snapshot': { type: 'boolean', default: false },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const everyMs = Math.min(10_000, durationMs / 12);
const isHeld = values['with-old-snapshot'];
/** Autovacuum looks once a minute: a third has to see it more than once. */
const isJudged = !isHeld && durationMs >= 5 * 60_000;
const say = (line) => process.stdout.write(`${line}\n`);

async function main() {
  const { profile, samples, disk } = await withPostgres((postgres) =>
    postgres.withDatabase('bloat', (url) => run(postgres, url)),
  );
  say('');
  for (const line of tableLines(samples)) say(line);
  const findings = judge(samples);
  for (const { what, holds, detail } of findings) {
    say(`${!isJudged ? 'not judged' : holds ? 'holds' : 'DOES NOT HOLD'}  ${what}: ${detail}`);
  }
  say(
    `fdatasync of 4 KiB p99: ${disk.before?.p99Ms.toFixed(2)} ms before, ${disk.after?.p99Ms.toFixed(2)} after`,
  );
  save(profile, samples, findings, disk);
  return !isJudged || findings.every(({ holds }) => holds) ? 0 : 1;
}

async function run(postgres, url) {
  const { protocol, rate } = values;
  const profile = await steadyProfile({ url, protocol, rate: Number(rate), durationMs });
  const before = probeDisk(postgres.folder);
  const { endpoints, retentionMs } = profile.deployment;
  say(
    `${protocol}, ${endpoints.length} endpoints in a chain, ${rate} handled/s for ${values.minutes} min, ` +
      `retention ${retentionMs / 1000} s`,
  );
  say(sampleHeads());
  const samples = await withLoad(profile, postgres.folder, async (load) => {
    const observer = new Observer(postgres, 'bloat', load);
    const held = isHeld ? withOldSnapshot(url, durationMs / 3) : Promise.resolve();
    const seen = await watch(observer);
    await held;
    return seen;
  });
  return { profile, samples, disk: { before, after: probeDisk(postgres.folder) } };
}

async function watch(observer) {
  const samples = [];
  await observer.begin();
  for (let at = everyMs; at <= durationMs; at += everyMs) {
    const sample = await observer.sampleAt(at);
    samples.push(sample);
    say(sampleLine(sample));
  }
  return samples;
}

function save(profile, samples, findings, disk) {
  const results = folderOf('benchmarks', 'results');
  mkdirSync(results, { recursive: true });
  const { model } = os.cpus()[0] ?? { model: 'unknown' };
  const { protocol, retentionMs } = profile.deployment;
  const document = {
    benchmark: 'bloat',
    machine: { cpu: model, cores: os.availableParallelism(), node: process.version },
    disk,
    load: { protocol, handledPerSecond: Number(values.rate), minutes: Number(values.minutes) },
    retentionMs,
    oldSnapshot: isHeld,
    findings,
    thirds: thirdsOf(samples),
    samples,
  };
  const name = isHeld ? 'bloat-old-snapshot.json' : 'bloat.json';
  writeFileSync(join(results, name), `${JSON.stringify(document, null, 1)}\n`);
}

process.exitCode = await main();
