import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

export default class DeadShow extends OperateCommand {
  static override aliases = ['dead:get'];
  static override summary =
    'Show one dead letter: every failure, and whether it was applied all the same.';
  static override args = {
    message: Args.string({
      required: true,
      description: 'Its id, or 6 or more characters that only its id begins with.',
    }),
  };
  static override flags = {
    ...operateFlags,
    body: Flags.boolean({ description: 'Also the body.' }),
  };
  static override examples = ['<%= config.bin %> dead show 01J9Z4K7QF -p @last --body'];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(DeadShow);
    const { shownLetter } = await import('../../src/operate/dead/show.js');
    const { letterResult } = await import('../../src/report/dead-letter.js');
    return this.operate(flags, async (operation) => {
      const shown = await shownLetter(operation, args.message);
      return letterResult(operation.name, shown, flags.body, Date.now());
    });
  }
}
