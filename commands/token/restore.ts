import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { operateFlags } from '../operate-command.js';

export default class TokenRestore extends ApplyCommand {
  static override strict = false;
  static override summary = 'Take a sweep back: lift the quarantine, or put the payload back.';
  static override description =
    `Before the deletion the quarantine is lifted. After it the body comes from the backup, under its id and
with its origin; that is refused where a record shows that its message was handled, for a payload is the
right to handle it.`;
  static override args = {
    payload: Args.string({
      description: 'Payload ids, or 6 or more characters of them.',
      required: true,
    }),
  };
  static override flags = {
    ...operateFlags,
    ...planFlags,
    from: Flags.string({
      description: 'Backup that has it: a file, or a folder of them.',
      default: '.oncectl/backups',
      helpValue: 'PATH',
    }),
  };
  static override examples = [
    '<%= config.bin %> token restore 01J9Z4K7QF -p shop.yaml --dry-run',
    '<%= config.bin %> token restore 01J9Z4K7QF -p shop.yaml --from b.ndjson --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags, argv } = await this.parse(TokenRestore);
    const { planRestore } = await import('../../src/operate/token/restore.js');
    return this.operate(flags, async (operation) => {
      const plan = await planRestore(operation, argv as string[], flags.from);
      return this.carryOut('token.restore', operation, plan, flags);
    });
  }
}
