import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

export default class OutboxShow extends OperateCommand {
  static override aliases = ['outbox:get'];
  static override summary = 'Show one entry or slot, with the messages that it promises.';
  static override args = {
    message: Args.string({
      required: true,
      description: 'Id of the message that was handled, or 6 or more characters of it.',
    }),
  };
  static override flags = {
    ...operateFlags,
    body: Flags.boolean({ description: 'Also the bodies of the messages.' }),
  };
  static override examples = ['<%= config.bin %> outbox show 01J9Z4K7QF -p @last --body'];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(OutboxShow);
    const { entryOf } = await import('../../src/operate/outbox/show.js');
    const { entryResult } = await import('../../src/report/outbox-entry.js');
    return this.operate(flags, async (operation) => {
      const entry = await entryOf(operation, args.message);
      return entryResult(operation.name, entry, flags.body, Date.now());
    });
  }
}
