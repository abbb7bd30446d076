/**
 * `npm run bench:engine`: the sustained maximum of each protocol on the embedded backend, and in the
 * same run the ceiling: the bare storage library doing the same writes, of the same bytes, in the same
 * environments, with as many operations a transaction as the engine itself reached. Exit 1 when a
 * protocol stays under 0.4 of its ceiling or over 250 ms at p99.
 *
 *   node benchmarks/engine.mjs [--protocol NAME] [--seconds 6] [--rounds 5] [--in-flight 800]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { probeDisk } from '../dist/src/bench/disk-probe.js';
import { protocolNames } from '../dist/src/engine/protocols/names.js';
import { measureCeiling } from './engine/ceiling.mjs';
import { withFolder } from './engine/folder.mjs';
import { measureEngine } from './engine/saturate.mjs';
import { traceWrites } from './engine/trace.mjs';

const { values } = parseArgs({
  options: {
    protocol: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '5' },
    'in-flight': { type: 'string', default: '800' },
    workers: { type: 'string', default: '2' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const workers = Number(values.workers);
const inFlight = Number(values['in-flight']);
const least = 0.4;
const mostP99Ms = 250;
const say = (line) => process.stdout.write(`${line}\n`);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function round(protocol, writes) {
  const engine = await withFolder((folder) =>
    measureEngine({ folder, protocol, seconds, workers, inFlight }),
  );
  const ceiling = await withFolder((folder) =>
    measureCeiling({ folder, writes, perTransaction: engine.perTransaction, seconds, workers }),
  );
  return { engine, ceiling, ratio: engine.handledPerSecond / ceiling.perSecond };
}

async function measure(protocol) {
  const writes = await withFolder((folder) => traceWrites(folder, protocol));
  const taken = [];
  for (let index = 0; index < rounds; index++) taken.push(await round(protocol, writes));
  const of = (pick) => median(taken.map(pick));
  const row = {
    protocol,
    handledPerSecond: of(({ engine }) => engine.handledPerSecond),
    p99Ms: of(({ engine }) => engine.hopP99Ms),
    cpuMsPerMessage: of(({ engine }) => engine.cpuMsPerMessage),
    ceilingPerSecond: of(({ ceiling }) => ceiling.perSecond),
    ratio: of(({ ratio }) => ratio),
    perTransaction: taken[0].engine.perTransaction,
    writesPerMessage: perMessage(writes),
    rounds: taken.map(({ engine, ceiling, ratio }) => ({
      handledPerSecond: engine.handledPerSecond,
      ceilingPerSecond: ceiling.perSecond,
      ceilingFailures: ceiling.failures,
      ratio,
    })),
  };
  return { ...row, holds: row.ratio >= least && row.p99Ms <= mostP99Ms };
}

/** What a message writes, by environment. */
function perMessage(traced) {
  return Object.fromEntries(
    Object.entries(traced).map(([env, { writes, handled }]) => {
      const puts = writes.filter(([, , bytes]) => bytes >= 0);
      const bytes = puts.reduce((sum, [, key, length]) => sum + key.length + length, 0);
      const removes = writes.length - puts.length;
      return [
        env,
        { puts: puts.length / handled, removes: removes / handled, bytes: bytes / handled },
      ];
    }),
  );
}

function line({
  protocol,
  handledPerSecond,
  p99Ms,
  cpuMsPerMessage,
  ceilingPerSecond,
  ratio,
  holds,
}) {
  const cells = [
    protocol.padEnd(24),
    handledPerSecond.toFixed(0).padStart(9),
    p99Ms.toFixed(0).padStart(8),
    cpuMsPerMessage.toFixed(3).padStart(9),
    ceilingPerSecond.toFixed(0).padStart(9),
    ratio.toFixed(2).padStart(6),
    holds ? 'holds' : 'DOES NOT HOLD',
  ];
  return cells.join('  ');
}

const folder = os.tmpdir();
const before = probeDisk(folder);
say(
  `${workers} worker processes, ${inFlight} messages in flight, ${rounds} rounds of ${seconds} s`,
);
say('protocol                  handled/s   p99 ms    cpu ms    ceiling   ratio  (least 0.40)');
const rows = [];
for (const protocol of protocolNames) {
  if (values.protocol !== undefined && values.protocol !== protocol) continue;
  const row = await measure(protocol);
  rows.push(row);
  say(line(row));
}
const after = probeDisk(folder);
say(
  `fdatasync of 4 KiB p99: ${before?.p99Ms.toFixed(2)} ms before, ${after?.p99Ms.toFixed(2)} after`,
);
if (values.protocol === undefined) {
  const results = new URL('results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  const { model } = os.cpus()[0] ?? { model: 'unknown' };
  const machine = { cpu: model, cores: os.availableParallelism(), node: process.version };
  const document = { benchmark: 'engine', machine, disk: { before, after }, seconds, rows };
  writeFileSync(new URL('engine.json', results), `${JSON.stringify(document, null, 1)}\n`);
}
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;
