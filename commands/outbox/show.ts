import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Operation } from '../../src/operate/operation.js';
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
    outbox: Flags.string({
      description: 'MESSAGE is the id of a row in this outbox of another library.',
      helpValue: 'NAME',
    }),
    body: Flags.boolean({ description: 'Also the bodies of the messages.' }),
  };
  static override examples = ['<%= config.bin %> outbox show 01J9Z4K7QF -p @last --body'];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(OutboxShow);
    const { entryOf } = await import('../../src/operate/outbox/show.js');
    const { entryResult } = await import('../../src/report/outbox-entry.js');
    const { outbox, body } = flags;
    if (outbox !== undefined) {
      return this.operate(flags, (operation) => showForeign(operation, outbox, args.message, body));
    }
    return this.operate(flags, async (operation) => {
      const entry = await entryOf(operation, args.message);
      return entryResult(operation.name, entry, body, Date.now());
    });
  }
}

async function showForeign(
  operation: Operation,
  name: string,
  id: string,
  body: boolean,
): Promise<CommandResult> {
  const { foreignRow } = await import('../../src/operate/foreign/list.js');
  const { foreignRowResult } = await import('../../src/report/outbox-foreign.js');
  return foreignRowResult(operation.name, await foreignRow(operation, name, id), body, Date.now());
}
