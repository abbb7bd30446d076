import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { durationOf, operateFlags } from '../operate-command.js';
import { stuckFlags, stuckQuery } from '../stuck-command.js';

const mostAtOnce = 100_000;

export default class OutboxRepair extends ApplyCommand {
  static override aliases = ['outbox:replay'];
  static override strict = false;
  static override summary = 'Finish what is stuck, while workers run.';
  static override description =
    `Runs the protocol's own program on each entry from its first step, with the same conditions, but
without the handler and without an acknowledgement. Safe beside workers and beside another repair: who
is late yields. What a repair sends carries the ids that the commit chose, so receivers drop what they
had. Plans first, shows the plan, asks, applies; the plan is kept.`;
  static override args = {
    message: Args.string({ description: 'Only these: ids, or 6 or more characters of them.' }),
  };
  static override flags = {
    ...operateFlags,
    ...stuckFlags,
    ...planFlags,
    'include-held': Flags.boolean({ description: 'Also what a live worker has a lease on.' }),
    'accept-duplicates': Flags.boolean({
      description: 'Also what is older than its receivers remember: it may be applied twice.',
    }),
  };
  static override examples = [
    '<%= config.bin %> outbox repair -p shop.yaml --older 5m --dry-run',
    '<%= config.bin %> outbox repair -p shop.yaml --endpoint payments --plan p.json',
    '<%= config.bin %> outbox repair -p shop.yaml --outbox legacy --dry-run',
    '<%= config.bin %> outbox repair -p shop.yaml --canary 1,10 --rate 50/s --stop-on 1% --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags, argv } = await this.parse(OutboxRepair);
    const { findStuck } = await import('../../src/operate/outbox/stuck.js');
    const { planRepair } = await import('../../src/operate/outbox/plan-repair.js');
    const { coverageWarnings } = await import('../../src/report/coverage.js');
    const { onlyThese } = await import('../../src/operate/ids.js');
    const olderThanMs = await durationOf('--older', flags.older);
    const ids = argv as string[];
    const { outbox } = flags;
    if (outbox !== undefined) {
      const { planForeign } = await import('../../src/operate/foreign/plan.js');
      return this.operate(flags, async (operation) => {
        const plan = await planForeign(operation, { outbox, olderThanMs, ids });
        return this.carryOut('outbox.repair', operation, plan, flags);
      });
    }
    return this.operate(flags, async (operation) => {
      const filter = stuckQuery(flags, olderThanMs);
      const query = { ...filter, sort: 'age', limit: mostAtOnce, after: null } as const;
      const { entries, coverage } = await findStuck(operation, query);
      const chosen = onlyThese(entries, ids);
      const choices = {
        includeHeld: flags['include-held'],
        acceptDuplicates: flags['accept-duplicates'],
      };
      const plan = await planRepair(operation, chosen, choices, { ...filter, ids });
      const result = await this.carryOut('outbox.repair', operation, plan, flags);
      const warnings = coverageWarnings(coverage);
      return { ...result, warnings };
    });
  }
}
