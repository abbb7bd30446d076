/** `faulty` with every protocol: kills at every boundary, duplicates, zombies, and bounded files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundaries } from '../../dist/src/engine/protocols/steps.js';
import { benchRun } from './runs.mjs';

const protocols = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];

const perProtocol = protocols.map((protocol) => ({
  line: `faulty with ${protocol}: clean, >= 20 kills over every boundary, 1 % duplicates, 5 stalls that count`,
  command: `oncectl bench run faulty --protocol ${protocol}`,
  async run() {
    const { code, result } = await benchRun('faulty', ['--protocol', protocol]);
    const kills = result.faults.filter(({ kind }) => kind === 'kill');
    const struck = new Set(kills.map(({ step }) => step));
    const missed = boundaries(protocol).filter((boundary) => !struck.has(boundary));
    const stalls = result.faults.filter(({ kind, counts }) => kind === 'stall' && counts).length;
    const duplicates = (result.faultCounts.duplicate ?? 0) / result.correctness.handled;
    const share = `${(duplicates * 100).toFixed(2)} % duplicates`;
    const uncovered = missed.length === 0 ? 'every boundary' : `not ${missed.join(', ')}`;
    const verdict = result.correctness.clean ? 'clean' : 'VIOLATED';
    const figure = `exit ${code}, ${verdict}, ${kills.length} kills, ${uncovered}, ${share}, ${stalls} stalls`;
    // A generator that a crowded machine holds up (103) says nothing about correctness.
    const ended = code === 0 || code === 103;
    const holds =
      ended && result.correctness.clean && kills.length >= 20 && missed.length === 0 && stalls >= 5;
    return { figure, holds: holds && duplicates > 0.007 && duplicates < 0.013 };
  },
}));

const control = {
  line: 'none under faulty exits 97 and names messages',
  command: 'oncectl bench run faulty --protocol none',
  async run() {
    const { code, result } = await benchRun('faulty', ['--protocol', 'none']);
    const { doubled, leaked, lost, firstViolations } = result.correctness;
    const named = firstViolations[0]?.messageId ?? 'nobody';
    const figure = `exit ${code}, lost ${lost}, doubled ${doubled}, leaked ${leaked}, first ${named}`;
    return { figure, holds: code === 97 && firstViolations.length > 0 };
  },
};

const bounded = {
  line: 'five minutes of faulty leave the files under twice their size after the first minute',
  command: 'oncectl bench run faulty --set load.duration=5m',
  async run() {
    const { folder, result } = await benchRun('faulty', ['--set', 'load.duration=5m']);
    const sizes = readFileSync(join(folder, 'intervals.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ storeBytes }) => storeBytes > 0);
    const first = sizes.find(({ atMs }) => atMs >= 60_000)?.storeBytes ?? 0;
    const last = sizes.at(-1)?.storeBytes ?? 0;
    const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    const verdict = result.correctness.clean ? 'clean' : 'VIOLATED';
    const figure = `${mib(first)} after a minute, ${mib(last)} at the end, ${verdict}`;
    return { figure, holds: result.correctness.clean && last < 2 * first };
  },
};

export const faultyRows = [...perProtocol, control, bounded];
