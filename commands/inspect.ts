import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../src/report/output.js';
import { OperateCommand, operateFlags } from './operate-command.js';

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
      description:
        'Also receive from brokers that cannot be searched, and put back what came (SQS).',
    }),
  };
  static override examples = [
    '<%= config.bin %> inspect 01J9Z4K7QF -p @last',
    '<%= config.bin %> inspect 01J9Z4K7QF -p shop.yaml --json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Inspect);
    const { inspectMessage } = await import('../src/operate/inspect/inspect.js');
    const { inspectResult } = await import('../src/report/inspect.js');
    return this.operate(flags, async (operation) => {
      return inspectResult(await inspectMessage(operation, args.message, { peek: flags.peek }));
    });
  }
}
