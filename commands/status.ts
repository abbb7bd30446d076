import * as Flags from '@oclif/core/flags';
import type { Operation } from '../src/operate/operation.js';
import type { StatusQuery } from '../src/operate/status/status.js';
import type { CommandResult } from '../src/report/output.js';
import { durationOf, OperateCommand, operateFlags, untilSignal } from './operate-command.js';

export default class Status extends OperateCommand {
  static override aliases = ['st'];
  static override summary = 'How is the deployment: what is stuck, dead, late or paused?';
  static override description =
    `One row for each endpoint, the worst first: what its workers handle a second, what waits and for how
long, p99 of the time from being sent to being committed (of the slowest worker), entries that have stood
undispatched for longer than --older, dead letters. Workers tell of themselves every 5 s. Reads only.
Exit codes: 0; 10 with --check when something needs care; 130 when --watch ends by Ctrl-C.`;
  static override flags = {
    ...operateFlags,
    older: Flags.string({
      description: 'What is undispatched, or waits, for longer needs care.',
      default: '1m',
      helpValue: 'DURATION',
    }),
    sort: Flags.option({
      options: ['trouble', 'name', 'backlog'] as const,
      default: 'trouble' as const,
      description: 'Order of the rows.',
    })(),
    watch: Flags.boolean({ description: 'Again and again until Ctrl-C.' }),
    interval: Flags.string({
      description: 'How often, with --watch.',
      default: '2s',
      helpValue: 'DURATION',
    }),
    check: Flags.boolean({
      description: 'Exit with 10 when something needs care.',
      exclusive: ['watch'],
    }),
  };
  static override examples = [
    '<%= config.bin %> status -p shop.yaml',
    '<%= config.bin %> status -p shop.yaml --check --older 5m',
    '<%= config.bin %> status -p @last --json',
    '<%= config.bin %> status -p @last --watch --interval 5s',
  ];

  protected override async obtain(): Promise<CommandResult | null> {
    const { flags } = await this.parse(Status);
    const { statusOf } = await import('../src/operate/status/status.js');
    const { statusResult } = await import('../src/report/status.js');
    const olderThanMs = await durationOf('--older', flags.older);
    const everyMs = await durationOf('--interval', flags.interval);
    const query = { olderThanMs, sort: flags.sort };
    return this.operate(flags, async (operation) => {
      if (flags.watch) return this.watch(operation, query, Math.max(everyMs, 100));
      const status = await statusOf(operation, query);
      return statusResult(operation.name, status, query, flags.check);
    });
  }

  /** On a terminal one picture that changes; NDJSON with `--json`; in a pipe a line each time. */
  private async watch(operation: Operation, query: StatusQuery, everyMs: number): Promise<null> {
    const { watchStatus } = await import('../src/operate/status/watch.js');
    const { statusWatcher } = await import('../src/report/status-watcher.js');
    const watcher = statusWatcher(operation.name, query, this.output(), process.stdout);
    try {
      for await (const watched of watchStatus(operation, query, everyMs, untilSignal())) {
        watcher.show(watched);
      }
    } finally {
      watcher.end();
    }
    return null;
  }
}
