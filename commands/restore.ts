import * as Args from '@oclif/core/args';
import type { CommandResult } from '../src/report/output.js';
import { ApplyCommand, planFlags } from './apply-command.js';
import { operateFlags } from './operate-command.js';

export default class Restore extends ApplyCommand {
  static override summary = 'Put back what a backup holds.';
  static override description =
    `Every line is checked against its digest before anything is done. A record that is there already stays
as it is, and a message that was applied meanwhile is left out. Planned, reviewed and applied.`;
  static override args = {
    file: Args.string({ required: true, description: 'File of a backup (--backup DIR made it).' }),
  };
  static override flags = { ...operateFlags, ...planFlags };
  static override examples = [
    '<%= config.bin %> restore b.ndjson -p shop.yaml --dry-run',
    '<%= config.bin %> restore b.ndjson -p shop.yaml --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Restore);
    const { planRestoreFile } = await import('../src/operate/restore/plan-restore.js');
    return this.operate(flags, async (operation) => {
      const plan = await planRestoreFile(operation, args.file, { file: args.file });
      return this.carryOut('restore', operation, plan, flags);
    });
  }
}
