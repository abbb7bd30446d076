import * as Args from '@oclif/core/args';
import type { CommandResult } from '../src/report/output.js';
import { ApplyCommand, planFlags } from './apply-command.js';
import { operateFlags } from './operate-command.js';

export default class Undo extends ApplyCommand {
  static override summary = 'Undo an action of the log, by a plan that does the opposite.';
  static override description =
    `Planned, reviewed and applied as everything else. What was destroyed is put back from its backup; a
pause is ended, a resumed endpoint paused. What was sent cannot be called back: that is refused, exit 4.`;
  static override args = {
    id: Args.integer({ required: true, min: 1, description: 'Id of a row of oncectl log.' }),
  };
  static override flags = { ...operateFlags, ...planFlags };
  static override examples = [
    '<%= config.bin %> undo 12 -p shop.yaml --dry-run',
    '<%= config.bin %> undo 12 -p shop.yaml --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Undo);
    const { planUndo } = await import('../src/operate/undo.js');
    return this.operate(flags, async (operation) =>
      this.carryOut('undo', operation, await planUndo(operation, args.id), flags),
    );
  }
}
