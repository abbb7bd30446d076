/** Runs one job of the benchmark in a process of its own, so that its peak memory is its own. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { endpoints, handle, sink, writeHistory } from './history.mjs';

const [job, folder, ...rest] = process.argv.slice(2);

const jobs = {
  write: () => writeHistory(folder, ...rest.map(Number)),
  audit: async () => {
    const { audit } = await import('../../dist/src/audit/audit.js');
    return audit(folder, { sinks: [sink], deterministic: true, replay: handle });
  },
  read: readEveryLine,
  count: countOnly,
};

/** The baseline: node:readline over every line, and nothing done with it. */
async function readEveryLine() {
  let lines = 0;
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tsv')) continue;
    bytes += (await stat(join(folder, name))).size;
    for await (const _ of linesOf(name)) lines += 1;
  }
  return { lines, bytes };
}

/** What an audit by totals sees: how many entered, were committed, and arrived, by endpoint. */
async function countOnly() {
  const counts = {};
  for (const name of await readdir(folder)) {
    const kind = name.split('-')[0];
    if (kind !== 'commits') continue;
    for await (const line of linesOf(name)) {
      const endpoint = line.slice(0, line.indexOf('\t'));
      counts[endpoint] = (counts[endpoint] ?? 0) + 1;
    }
  }
  return endpoints.map((endpoint) => counts[endpoint] ?? 0);
}

function linesOf(name) {
  return createInterface({
    input: createReadStream(join(folder, name), { highWaterMark: 1 << 20 }),
  });
}

const started = performance.now();
const answer = await jobs[job]();
const seconds = (performance.now() - started) / 1000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const usage = { seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 };
process.stdout.write(JSON.stringify({ answer, ...usage }));
