import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { chosenLetters, deadFilter, deadFlags } from '../dead-command.js';
import { operateFlags } from '../operate-command.js';

export default class DeadRetry extends ApplyCommand {
  static override strict = false;
  static override summary = 'Put dead letters back into their queues: one, a group, or all.';
  static override description =
    `Each keeps its id, so that a message that was applied is recognised and goes. Workers try it once more; if
that fails too, it is a dead letter again. --canary 1,10 sends a tracer first: a wave begins when the
messages of the one before were handled, and one that died again counts as failed (--stop-on 1%). Plans
first, shows the plan, asks, applies; the plan is kept.`;
  static override args = {
    message: Args.string({ description: 'Only these: ids, or 6 or more characters of them.' }),
  };
  static override flags = { ...operateFlags, ...deadFlags, ...planFlags };
  static override examples = [
    '<%= config.bin %> dead retry 01J9Z4K7QF -p shop.yaml --yes',
    '<%= config.bin %> dead retry -p shop.yaml --group CardDeclined --dry-run',
    '<%= config.bin %> dead retry -p shop.yaml --endpoint payments --canary 1,10 --rate 20/s --stop-on 1% --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags, argv } = await this.parse(DeadRetry);
    const ids = argv as string[];
    const { planRetry } = await import('../../src/operate/dead/plan-dead.js');
    const { unsettledWarnings } = await import('../../src/operate/dead/retry.js');
    const filter = await deadFilter(flags);
    return this.operate(flags, async (operation) => {
      const { letters, warnings } = await chosenLetters(operation, ids, filter);
      const plan = planRetry(operation, letters, { ...filter, ids });
      const unsettled = flags.canary ? unsettledWarnings(operation, plan.items) : [];
      const result = await this.carryOut('dead.retry', operation, plan, flags);
      return { ...result, warnings: [...warnings, ...unsettled] };
    });
  }
}
