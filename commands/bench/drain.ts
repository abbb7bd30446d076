import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { DrainProgress } from '../../src/bench/drain.js';
import type { CommandResult } from '../../src/report/output.js';
import { OncectlCommand } from '../base.js';

const reportEveryMs = process.stderr.isTTY ? 1000 : 5000;

export default class BenchDrain extends OncectlCommand {
  static override summary = 'Let workers handle what a run left behind, and audit the run again.';
  static override description =
    `Starts workers on the stores of a run that was not drained, or that left something on purpose
(the profile incident), until nothing waits any more; then judges all of its evidence anew and replaces
the verdict in its result.json. Exit codes: 0 clean, 97 correctness violated, 7 something still waits.`;
  static override args = {
    run: Args.string({
      default: '@last',
      description: 'Id, 6 or more characters of one, folder, or @last.',
    }),
  };
  static override flags = {
    out: Flags.string({ description: 'Folder that runs are kept under.', default: 'runs' }),
    workers: Flags.integer({ description: 'Worker processes.', default: 1, min: 1 }),
    timeout: Flags.string({ description: 'Longest time to drain.', default: '60s' }),
  };
  static override examples = ['<%= config.bin %> bench drain @last'];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(BenchDrain);
    const { findRun } = await import('../../src/bench/run-folder.js');
    const { drainRun } = await import('../../src/bench/drain.js');
    const { drainResult } = await import('../../src/report/bench-drain.js');
    const { durationOf } = await import('../operate-command.js');
    const timeoutMs = await durationOf('--timeout', flags.timeout);
    const interrupted = new AbortController();
    process.on('SIGINT', () => interrupted.abort());
    const drained = await drainRun({
      ...{ folder: await findRun(flags.out, args.run), workers: flags.workers, timeoutMs },
      signal: interrupted.signal,
      onProgress: progressLines(),
      onWarning: (message) => process.stderr.write(`warning: ${message}\n`),
    });
    return drainResult(drained);
  }
}

function progressLines(): (progress: DrainProgress) => void {
  let last = Date.now();
  return ({ waiting, leased, handled }) => {
    if (Date.now() - last < reportEveryMs) return;
    last = Date.now();
    process.stderr.write(`${handled} handled, ${waiting} wait (${leased} leased)\n`);
  };
}
