import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { durationOf, operateFlags } from '../operate-command.js';

export default class TokenSweep extends ApplyCommand {
  static override summary = 'Put orphaned payloads into quarantine; later, delete them.';
  static override description =
    `Takes only what a rule proves to be an orphan (oncectl token list shows the rule), while workers run.
Quarantine is a note in the deployment: the payload stays where it is. --delete-quarantined deletes what
has been in quarantine for long enough, exported first; oncectl token restore takes either back.`;
  static override flags = {
    ...operateFlags,
    ...planFlags,
    endpoint: Flags.string({
      description: 'Only what was put at this endpoint.',
      helpValue: 'NAME',
    }),
    older: Flags.string({
      description: 'Evidence and log are searched for payloads that are so old.',
      default: '10m',
      helpValue: 'DURATION',
    }),
    'delete-quarantined': Flags.boolean({ description: 'Delete what is in quarantine.' }),
    'quarantined-for': Flags.string({
      description: 'Delete only what has been in quarantine for so long.',
      default: '7d',
      helpValue: 'DURATION',
    }),
  };
  static override examples = [
    '<%= config.bin %> token sweep -p shop.yaml --dry-run',
    '<%= config.bin %> token sweep -p shop.yaml --yes',
    '<%= config.bin %> token sweep -p shop.yaml --delete-quarantined --quarantined-for 14d',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(TokenSweep);
    const { examineTokens } = await import('../../src/operate/token/examine.js');
    const { planDelete, planQuarantine } = await import('../../src/operate/token/plan-sweep.js');
    const { quarantined } = await import('../../src/operate/token/quarantine.js');
    const youngerThanMs = await durationOf('--older', flags.older);
    const quarantinedForMs = await durationOf('--quarantined-for', flags['quarantined-for']);
    return this.operate(flags, async (operation) => {
      const { endpoint } = flags;
      if (endpoint !== undefined) operation.endpoint(endpoint);
      const isAsked = (origin: { readonly endpoint: string }) =>
        endpoint === undefined || origin.endpoint === endpoint;
      if (flags['delete-quarantined']) {
        const all = [...(await quarantined(operation.cells))];
        const records = new Map(all.filter(([, { origin }]) => isAsked(origin)));
        const choices = { quarantinedForMs, keepsBackup: !flags['no-backup'] };
        const filter = { endpoint: endpoint ?? null, quarantinedForMs };
        const plan = planDelete(operation, records, choices, filter);
        return this.carryOut('token.sweep', operation, plan, flags);
      }
      const { tokens, coverage } = await examineTokens(operation, { youngerThanMs });
      const asked = tokens.filter(({ origin }) => isAsked(origin));
      const plan = planQuarantine(operation, asked, { endpoint: endpoint ?? null });
      const result = await this.carryOut('token.sweep', operation, plan, flags);
      return {
        ...result,
        warnings: coverage.map((one) => `${one.endpoint}, ${one.store}: ${one.why}`),
      };
    });
  }
}
