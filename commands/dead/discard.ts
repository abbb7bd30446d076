import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { chosenLetters, deadFilter, deadFlags } from '../dead-command.js';
import { operateFlags } from '../operate-command.js';

export default class DeadDiscard extends ApplyCommand {
  static override strict = false;
  static override summary = 'Remove dead letters for good, with a backup.';
  static override description =
    `A letter whose message was applied all the same, as an entry, a slot or a record shows, is left alone: dead
retry lets it be recognised. Each letter is exported with its body, read back and checked before it is
removed; oncectl restore FILE puts it back. The audit of a run counts what was discarded. Plans first,
shows the plan, asks, applies; the plan is kept.`;
  static override args = {
    message: Args.string({ description: 'Only these: ids, or 6 or more characters of them.' }),
  };
  static override flags = { ...operateFlags, ...deadFlags, ...planFlags };
  static override examples = [
    '<%= config.bin %> dead discard 01J9Z4K7QF -p shop.yaml --yes',
    '<%= config.bin %> dead discard -p shop.yaml --group CardDeclined --older 7d --plan p.json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags, argv } = await this.parse(DeadDiscard);
    const ids = argv as string[];
    const { planDiscard } = await import('../../src/operate/dead/plan-dead.js');
    const filter = await deadFilter(flags);
    return this.operate(flags, async (operation) => {
      const { letters, warnings } = await chosenLetters(operation, ids, filter);
      const plan = await planDiscard(operation, letters, { ...filter, ids });
      const result = await this.carryOut('dead.discard', operation, plan, flags);
      return { ...result, warnings };
    });
  }
}
