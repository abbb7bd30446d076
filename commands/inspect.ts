import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Operation } from '../src/operate/operation.js';
import type { InspectData } from '../src/report/documents/messages.js';
import type { CommandResult } from '../src/report/output.js';
import { OperateCommand, operateFlags, untilSignal } from './operate-command.js';

export default class Inspect extends OperateCommand {
  static override aliases = ['i'];
  static override summary =
    'Where is this message, in which step of its protocol, and what comes next?';
  static override description =
    `Gathers what queues, dead letters, entries, slots, dedupe records, payloads and entities know about
one message, over all endpoints. Reads only, but for --peek. A time that no record keeps is not guessed.`;
  static override args = {
    message: Args.string({
      required: true,
      description: 'Its id, or 6 or more characters that only its id begins with.',
    }),
  };
  static override flags = {
    ...operateFlags,
    peek: Flags.boolean({
      description: 'Also receive from brokers that cannot be searched, and put back what came.',
    }),
    tree: Flags.boolean({
      description: 'The whole chain or fan-out that it belongs to.',
      exclusive: ['at', 'follow', 'peek'],
    }),
    at: Flags.string({
      description: 'Where it was at this moment, from the journal of a run.',
      helpValue: 'TIME',
      exclusive: ['follow', 'peek'],
    }),
    'as-trace': Flags.string({
      description: 'Write how it came there, and its end, as a test for verify --replay.',
      helpValue: 'FILE',
      exclusive: ['at', 'follow', 'tree'],
    }),
    follow: Flags.boolean({
      description: 'Show every change until it is done, or a dead letter.',
      exclusive: ['peek'],
    }),
  };
  static override examples = [
    '<%= config.bin %> inspect 01J9Z4K7QF -p @last',
    '<%= config.bin %> inspect 01J9Z4K7QF -p shop.yaml --json',
    '<%= config.bin %> inspect 01J9Z4K7QF -p @last --tree',
    '<%= config.bin %> inspect 01J9Z4K7QF -p @last --as-trace night.json',
  ];

  protected override async obtain(): Promise<CommandResult | null> {
    const { args, flags } = await this.parse(Inspect);
    const { message } = args;
    if (flags.tree) return this.operate(flags, (operation) => tree(operation, message));
    if (flags.follow) return this.operate(flags, (operation) => this.follow(operation, message));
    if (flags.at !== undefined) {
      const time = await momentOf(flags.at);
      return this.operate(flags, (operation) => at(operation, message, time));
    }
    const { peek, 'as-trace': file } = flags;
    return this.operate(flags, (operation) => once(operation, message, { peek, file }));
  }

  /** NDJSON with `--json`; else the whole picture again at every change. */
  private async follow(operation: Operation, message: string): Promise<null> {
    const { followMessage } = await import('../src/operate/inspect/follow.js');
    const { inspectResult } = await import('../src/report/inspect.js');
    const { openStream } = await import('../src/report/stream.js');
    const { renderResult } = await import('../src/report/output.js');
    const output = this.output();
    const write = (text: string) => void process.stdout.write(text);
    const stream = output.format === 'json' ? openStream('inspect', write) : null;
    let last: InspectData | null = null;
    for await (const inspected of followMessage(operation, message, untilSignal())) {
      const result = inspectResult(inspected);
      last = result.data;
      if (stream) stream.emit('snapshot', last);
      else write(`${renderResult(result, output, new Date()).stdout}\n`);
    }
    if (last) stream?.emit('summary', last);
    return null;
  }
}

interface Once {
  readonly peek: boolean;
  /** Where the trace goes. */
  readonly file: string | undefined;
}

async function once(
  operation: Operation,
  message: string,
  { peek, file }: Once,
): Promise<CommandResult> {
  const { inspectMessage } = await import('../src/operate/inspect/inspect.js');
  const { inspectResult } = await import('../src/report/inspect.js');
  const inspected = await inspectMessage(operation, message, { peek });
  if (file === undefined) return inspectResult(inspected);
  const { traceOfInspected } = await import('../src/replay/inspected.js');
  const { writeTrace } = await import('../src/verify/write-trace.js');
  const trace = traceOfInspected(inspected);
  await writeTrace(file, trace);
  return inspectResult(inspected, { file, steps: trace.steps.length });
}

async function tree(operation: Operation, message: string): Promise<CommandResult> {
  const { messageTree } = await import('../src/operate/inspect/tree.js');
  const { treeResult } = await import('../src/report/inspect-tree.js');
  return treeResult(operation.name, await messageTree(operation, message), Date.now());
}

async function at(operation: Operation, message: string, time: number): Promise<CommandResult> {
  const { messageAt } = await import('../src/operate/inspect/at-time.js');
  const { atTimeResult } = await import('../src/report/inspect-tree.js');
  return atTimeResult(operation.name, await messageAt(operation, message, time), Date.now());
}

/** ISO-8601, or a time of today. Refuses (`usage`) what is neither. */
async function momentOf(text: string): Promise<number> {
  const isTime = /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text);
  const today = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${today.getFullYear()}-${two(today.getMonth() + 1)}-${two(today.getDate())}`;
  const [hours = '', ...rest] = text.split(':');
  const ms = Date.parse(isTime ? `${date}T${[hours.padStart(2, '0'), ...rest].join(':')}` : text);
  if (!Number.isNaN(ms)) return ms;
  const { OncectlError } = await import('../src/engine/errors.js');
  throw new OncectlError('usage', `"${text}" is no moment`, {
    about: '--at',
    hint: 'for example 08:35:00, or 2026-11-25T08:35:00Z',
  });
}
