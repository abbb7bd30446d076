/**
 * `npm run bench:peers`: oncectl, pg-boss, graphile-worker and pg-transactional-outbox on one real
 * PostgreSQL 18, at saturation, with the same work for a message: take it, update one row of 1,000,
 * send one message on to a second queue. Each is one client process on the same Node 22 and works off a
 * backlog that was queued before; synchronous commit is on. Rounds go round the contenders, figures are
 * medians; what others on the machine disturbed is measured again, and counts only where nothing was
 * quiet. At the end of each, what the database holds must be what was counted. Exit 1 when oncectl's
 * best is not ahead of every peer.
 *
 *   node benchmarks/peers.mjs [--rounds 3] [--seconds 6] [--tries 2] [--only TEXT]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { probeDisk } from '../dist/src/bench/disk-probe.js';
import { contenders } from './peers/contenders.mjs';
import { isQuiet, measureQuietly } from './peers/measure.mjs';
import { folderOf } from './postgres/folder-of.mjs';
import { installed, withPostgres } from './postgres/server.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    tries: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const tries = Number(values.tries);
const say = (line) => process.stdout.write(`${line}\n`);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function main() {
  const chosen = contenders.filter(({ name }) => name.includes(values.only));
  await installed(folderOf('benchmarks', 'peers'), 'the peers');
  const { taken, disk } = await withPostgres((postgres) => allRounds(postgres, chosen));
  const rows = judged(chosen.map((contender) => summary(contender, taken.get(contender))));
  print(rows, disk);
  if (values.only === '') save(rows, disk);
  return isAhead(rows) ? 0 : 1;
}

async function allRounds(postgres, chosen) {
  const node = folderOf('servers', 'node_modules', 'node22', 'bin', 'node');
  const before = probeDisk(postgres.folder);
  const taken = new Map(chosen.map((contender) => [contender, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of chosen) {
      process.stderr.write(`round ${round} of ${rounds}: ${contender.name} ...`);
      const one = await measureQuietly(postgres, node, contender, { seconds, tries });
      process.stderr.write(
        ` ${one.handledPerSecond.toFixed(0)}/s, others ${one.othersCores.toFixed(2)}\n`,
      );
      taken.get(contender).push(one);
    }
  }
  return { taken, disk: { before, after: probeDisk(postgres.folder) } };
}

function summary({ name, isPeer, isSetBased = false, guarantee, options }, all) {
  const quiet = all.filter(isQuiet);
  const taken = quiet.length === 0 ? all : quiet;
  const of = (field) => median(taken.map((one) => one[field]));
  const [client, server] = [of('clientMsPerMessage'), of('serverMsPerMessage')];
  return {
    name,
    isPeer,
    isSetBased,
    guarantee,
    options,
    handledPerSecond: of('handledPerSecond'),
    clientMsPerMessage: client,
    serverMsPerMessage: server,
    cpuMsPerMessage: median(taken.map((one) => one.clientMsPerMessage + one.serverMsPerMessage)),
    connections: of('connections'),
    othersCores: of('othersCores'),
    quietRounds: quiet.length,
    rounds: all,
  };
}

/**
 * With the ratio of the rate to that of the best peer, and to that of the best whose handler sees one
 * message at a time as oncectl's does.
 */
function judged(rows) {
  const best = (peers) => Math.max(...peers.map(({ handledPerSecond }) => handledPerSecond));
  const peers = rows.filter(({ isPeer }) => isPeer);
  const alike = peers.filter(({ isSetBased }) => !isSetBased);
  const ratio = ({ handledPerSecond }, to) =>
    to.length === 0 ? null : handledPerSecond / best(to);
  return rows.map((row) => ({
    ...row,
    toBestPeer: ratio(row, peers),
    toBestAlike: ratio(row, alike),
  }));
}

/** Nobody to compare with: nothing is behind. */
function isAhead(rows) {
  const ours = rows.filter(({ isPeer }) => !isPeer);
  const ratios = ours.map(({ toBestPeer }) => toBestPeer ?? Number.POSITIVE_INFINITY);
  return ours.length === 0 || Math.max(...ratios) > 1;
}

const width = 12;

function print(rows, { before, after }) {
  say(`one client process each, ${rounds} rounds of ${seconds} s, Node 22, PostgreSQL 18`);
  const heads = [
    'handled/s',
    'x best',
    'x best alike',
    'cpu ms',
    'client',
    'server',
    'conns',
    'others',
    'quiet',
  ];
  say(`${''.padEnd(40)}${heads.map((head) => head.padStart(width)).join('')}  guarantee`);
  for (const row of rows) {
    const cells = [
      row.handledPerSecond.toFixed(0),
      row.toBestPeer?.toFixed(2) ?? '-',
      row.toBestAlike?.toFixed(2) ?? '-',
      row.cpuMsPerMessage.toFixed(3),
      row.clientMsPerMessage.toFixed(3),
      row.serverMsPerMessage.toFixed(3),
      String(row.connections),
      row.othersCores.toFixed(2),
      `${row.quietRounds} of ${row.rounds.length}`,
    ];
    const figures = cells.map((cell) => cell.padStart(width)).join('');
    say(`${row.name.padEnd(40)}${figures}  ${row.guarantee}`);
  }
  say('others: cores that others used meanwhile; only quiet rounds count, where there are some.');
  say('x best: of all peers. x best alike: of those whose handler sees one message at a time.');
  say(
    `fdatasync of 4 KiB p99: ${before?.p99Ms.toFixed(2)} ms before, ${after?.p99Ms.toFixed(2)} after`,
  );
}

function save(rows, disk) {
  const results = folderOf('benchmarks', 'results');
  mkdirSync(results, { recursive: true });
  const { model } = os.cpus()[0] ?? { model: 'unknown' };
  const machine = { cpu: model, cores: os.availableParallelism() };
  const document = { benchmark: 'peers', machine, disk, seconds, rows };
  writeFileSync(join(results, 'peers.json'), `${JSON.stringify(document, null, 1)}\n`);
}

process.exitCode = await main();
