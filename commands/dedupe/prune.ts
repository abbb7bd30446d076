import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { durationOf, operateFlags } from '../operate-command.js';

const pageSize = 10_000;

export default class DedupePrune extends ApplyCommand {
  static override summary = 'Remove dedupe records: expired ones, or older ones.';
  static override description =
    `Plans, shows the plan, asks, applies; each record is exported first, and removed only while it is the
one that was seen. A record that has not expired still keeps a late copy from being applied again: with
--older such records are left out, unless --accept-duplicates says that this may happen.`;
  static override flags = {
    ...operateFlags,
    ...planFlags,
    endpoint: Flags.string({
      description: 'Only this endpoint. Can be given again.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    older: Flags.string({
      description: 'What is so old instead of what has expired.',
      helpValue: 'DURATION',
    }),
    'accept-duplicates': Flags.boolean({
      description: 'Also what has not expired: a late copy of it would be applied again.',
    }),
  };
  static override examples = [
    '<%= config.bin %> dedupe prune -p shop.yaml --dry-run',
    '<%= config.bin %> dedupe prune -p shop.yaml --older 30d --accept-duplicates --plan p.json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(DedupePrune);
    const { planPrune } = await import('../../src/operate/dedupe/prune.js');
    const { older, endpoint } = flags;
    const olderThanMs = older === undefined ? null : await durationOf('--older', older);
    return this.operate(flags, async (operation) => {
      const filter = { endpoints: endpoint ?? [], olderThanMs };
      const choices = {
        acceptDuplicates: flags['accept-duplicates'],
        keepsBackup: !flags['no-backup'],
      };
      const query = { ...filter, ...choices, limit: pageSize };
      const plan = await planPrune(operation, query, { ...filter, ...choices });
      return this.carryOut('dedupe.prune', operation, plan, flags);
    });
  }
}
