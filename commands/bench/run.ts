import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { BenchEvent } from '../../src/bench/events.js';
import { protocolNames } from '../../src/engine/protocols/names.js';
import type { CommandResult } from '../../src/report/output.js';
import { OncectlCommand } from '../base.js';

const defaultProfile = 'classic';

export default class BenchRun extends OncectlCommand {
  static override summary = 'Run a load profile against a deployment, watch it, and audit it.';
  static override description =
    `Sends the profile's load in an open loop, handles it in worker processes, and proves by an audit
that nothing was lost, applied twice or leaked. Leaves a folder under runs/ with result.json.

Ctrl-C stops sending, drains for at most 3 s and reports (exit 105); a second one stops at once.
Exit codes: 0 done, 97 correctness violated, 99 threshold missed, 103 run invalid, 105 aborted, 104
bad profile, 7 not everything was handled in time.`;
  static override args = {
    profile: Args.string({
      default: defaultProfile,
      description: 'Built-in profile, or a file.',
    }),
  };
  static override flags = {
    protocol: Flags.option({
      options: protocolNames,
      description: 'Short for --set deployment.protocol=NAME.',
    })(),
    backend: Flags.string({
      description: 'Short for --set deployment.backend=NAME.',
      helpValue: 'NAME',
    }),
    set: Flags.string({
      description: 'Replace one value: load.rate=80/s. Can be given again.',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    workers: Flags.integer({ description: 'Worker processes; by cores if left out.', min: 1 }),
    seed: Flags.integer({ description: 'Seed of schedule, payloads and faults.', min: 0 }),
    out: Flags.string({ description: 'Folder that runs are kept under.', default: 'runs' }),
    keep: Flags.boolean({ description: 'Keep the stores and the evidence of a clean run.' }),
    'no-tui': Flags.boolean({ description: 'Plain lines instead of the live view.' }),
    ascii: Flags.boolean({ description: 'Draw the live view with ASCII characters only.' }),
    'log-level': Flags.option({
      options: ['error', 'info', 'step'] as const,
      default: 'info' as const,
      description: "Detail of the workers' logs in the run's folder.",
    })(),
  };
  static override examples = [
    '<%= config.bin %> bench run classic',
    '<%= config.bin %> bench run classic --protocol outbox --set load.rate=80/s',
    '<%= config.bin %> bench run faulty --no-tui --json > events.ndjson',
  ];

  protected override async obtain(): Promise<CommandResult | null> {
    const { args, flags } = await this.parse(BenchRun);
    const { loadProfile } = await import('../../src/profile/load.js');
    const set = [
      ...(flags.set ?? []),
      ...(flags.protocol === undefined ? [] : [`deployment.protocol=${flags.protocol}`]),
      ...(flags.backend === undefined ? [] : [`deployment.backend=${flags.backend}`]),
      ...(flags.workers === undefined ? [] : [`workers=${flags.workers}`]),
      ...(flags.seed === undefined ? [] : [`seed=${flags.seed}`]),
    ];
    const loaded = await loadProfile(args.profile, { set });
    const watcher = await this.watcher(flags['no-tui'], flags.ascii);
    for (const message of loaded.warnings) watcher.publish({ type: 'warning', message });
    const { startBench } = await import('../../src/bench/run.js');
    const { shellLine } = await import('../../src/report/shell-words.js');
    const run = startBench({
      profile: loaded.profile,
      profileSha256: loaded.source.sha256,
      out: flags.out,
      command: shellLine(['oncectl', 'bench', 'run', ...this.argv]),
      version: this.config.version,
      logLevel: flags['log-level'],
      keep: flags.keep,
      emit: (event) => watcher.publish(event),
    });
    this.interrupts(() => run.interrupt());
    try {
      const { result, outcome } = await run.done;
      const { exitCode } = await import('../../src/report/exit-codes.js');
      const code = exitCode(outcome);
      watcher.publish({ type: 'summary', result, exitCode: code });
      await watcher.stop();
      return this.report(result, code, run.folder);
    } finally {
      await watcher.stop();
    }
  }

  private interrupt: () => void = () => {};

  /** Signals are taken before the live view starts, so that it can put the terminal back first. */
  private interrupts(handler: () => void): void {
    this.interrupt = handler;
  }

  private async watcher(plain: boolean, ascii: boolean): Promise<Watcher> {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => this.interrupt());
    }
    const { format, color } = this.output();
    if (format === 'json') return this.stream();
    const { stdout, stdin, env } = process;
    if (plain || !stdout.isTTY || env.CI || env.TERM === 'dumb') {
      const { startPlainReporter } = await import('../../src/report/plain.js');
      return startPlainReporter({ write: (text) => process.stderr.write(text) });
    }
    const { startLiveView } = await import('../../src/tui/live.js');
    return startLiveView({ stdout, stdin, color, ascii, onInterrupt: () => this.interrupt() });
  }

  private async stream(): Promise<Watcher> {
    const { openStream } = await import('../../src/report/stream.js');
    const stream = openStream('bench.run', (line) => process.stdout.write(line));
    return {
      publish: (event) => {
        if (event.type === 'summary') stream.emit('summary', event.result);
        else stream.emit(streamTypes[event.type], event);
      },
      stop: async () => {},
    };
  }

  private async report(result: BenchSummaryResult, code: number, folder: string) {
    if (this.output().format === 'json') {
      process.exitCode = code;
      return null;
    }
    const { renderBenchResult } = await import('../../src/report/bench-text.js');
    return {
      name: 'bench.run',
      data: result,
      text: (style: { color: boolean; width: number }) =>
        renderBenchResult(result, { ...style, folder }),
      exitCode: code,
    };
  }
}

type BenchSummaryResult = Extract<BenchEvent, { type: 'summary' }>['result'];

interface Watcher {
  publish(event: BenchEvent): void;
  stop(): Promise<void>;
}

const streamTypes = {
  start: 'change',
  phase: 'change',
  snapshot: 'snapshot',
  fault: 'change',
  warning: 'warning',
} as const;
