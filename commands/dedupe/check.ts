import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

export default class DedupeCheck extends OperateCommand {
  static override summary = 'What would happen to a copy of this message if it came now?';
  static override description =
    `Says from the endpoint's protocol, and from what the stores have, whether a copy would be dropped, be
handled, or go on where the message stopped. Reads only.`;
  static override args = {
    message: Args.string({
      required: true,
      description: 'Its id, or 6 or more characters that only its id begins with.',
    }),
  };
  static override flags = {
    ...operateFlags,
    endpoint: Flags.string({
      description: 'Where it would come; for a message that left no trace.',
      helpValue: 'NAME',
    }),
  };
  static override examples = [
    '<%= config.bin %> dedupe check 01J9Z4K7QF -p shop.yaml',
    '<%= config.bin %> dedupe check 01J9Z4K7QF -p shop.yaml --endpoint payments',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(DedupeCheck);
    const { checkCopy } = await import('../../src/operate/dedupe/check.js');
    const { clockTime } = await import('../../src/report/ages.js');
    const { checkResult } = await import('../../src/report/dedupe.js');
    const time = (ms: number) => clockTime(ms, Date.now());
    return this.operate(flags, async (operation) => {
      const endpoint = flags.endpoint ?? null;
      if (endpoint !== null) operation.endpoint(endpoint);
      return checkResult(operation, await checkCopy(operation, args.message, endpoint, time));
    });
  }
}
