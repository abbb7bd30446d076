import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

export default class DedupeShow extends OperateCommand {
  static override summary = 'By what a copy of this message is recognised.';
  static override args = {
    message: Args.string({
      required: true,
      description: 'Its id, or 6 or more characters that only its id begins with.',
    }),
  };
  static override flags = operateFlags;
  static override examples = ['<%= config.bin %> dedupe show 01J9Z4K7QF -p shop.yaml'];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(DedupeShow);
    const { knownMessage } = await import('../../src/operate/dedupe/records.js');
    const { knownText } = await import('../../src/report/dedupe.js');
    return this.operate(flags, async (operation) =>
      knownText(operation, await knownMessage(operation, args.message)),
    );
  }
}
