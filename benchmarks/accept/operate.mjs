/** The acceptance of operating, a row per line of its list. Run by `npm run accept -- operate`. */
import { join } from 'node:path';
import { captureScript, root } from '../../scripts/run.mjs';
import { rows as verifyRows } from './operate-verify.mjs';

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

/** Test files at full length. A figure is what vitest counts. */
function tested(line, ...files) {
  return {
    line,
    command: `ONCECTL_ACCEPT=full npx vitest run ${files.join(' ')}`,
    async run() {
      process.env.ONCECTL_ACCEPT = 'full';
      const { code, output } = await captureScript(vitest, ['run', '--color=false', ...files]);
      const counted = /Tests\s+(.*)/.exec(output)?.[1] ?? 'nothing ran';
      return { figure: counted.trim(), holds: code === 0 };
    },
  };
}

const found = {
  line: 'inspect among 1,000,000 messages and outbox list of the oldest 100 among 1,000,000 entries: under 1 s on embedded and PostgreSQL',
  command: 'npm run bench:find',
  async run() {
    const script = join(root, 'benchmarks', 'find.mjs');
    const { code, output } = await captureScript(script, []);
    const figures = output
      .trim()
      .split('\n')
      .filter((line) => / ms/.test(line));
    return { figure: figures.join('; '), holds: code === 0 };
  },
};

export const rows = [
  tested(
    'stopped at every step of every protocol, embedded: found exactly, explained, repaired, clean; a second repair does nothing; two at once',
    'test/operate/stopped.test.ts',
  ),
  tested(
    'the same on PostgreSQL, SQS + S3, SQS + DynamoDB',
    'test/operate/stopped.servers.test.ts',
  ),
  tested(
    'repairs while workers run at full load and die at every step',
    'test/operate/under-load.test.ts',
  ),
  tested(
    'the repair itself killed at every one of its steps, and run again',
    'test/operate/killed-repair.test.ts',
  ),
  ...verifyRows,
  tested("the README's session on the profile incident", 'test/terminal/readme-operate.test.ts'),
  found,
  tested(
    'dead letters: list, groups, retry, discard, edit, restore; killed edits',
    'test/operate/dead',
  ),
  tested(
    'tokens and dedupe records: proofs, sweeps beside workers, restores',
    'test/operate/token',
    'test/operate/dedupe',
  ),
  tested(
    'outboxes of other libraries: listed; dispatched exactly once, also when killed in between',
    'test/operate/foreign',
    'test/backends/foreign',
  ),
  tested(
    'every command: --json valid, examples run, clear errors',
    'test/terminal/all-commands.test.ts',
  ),
];
