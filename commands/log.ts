import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../src/report/output.js';
import { durationOf, OperateCommand, operateFlags } from './operate-command.js';

export default class Log extends OperateCommand {
  static override summary = 'Who did what to the deployment, newest first.';
  static override description =
    `Kept in the deployment itself: an entry before an action and one after it, shown as one row. NO RESULT:
it is at work still, or was cut short. oncectl undo takes the id.`;
  static override flags = {
    ...operateFlags,
    actor: Flags.string({
      description: 'Only of this user, or user@host.',
      helpValue: 'NAME',
    }),
    action: Flags.string({
      description: 'Only this action, or those that begin with it: outbox.repair, dead.',
      helpValue: 'NAME',
    }),
    plan: Flags.string({ description: 'Only of the plan with this id.', helpValue: 'ID' }),
    since: Flags.string({
      description: 'Only what was begun so recently.',
      helpValue: 'DURATION',
    }),
    limit: Flags.integer({ description: 'Most rows.', default: 100, min: 1 }),
  };
  static override examples = [
    '<%= config.bin %> log -p shop.yaml',
    '<%= config.bin %> log -p shop.yaml --action dead --since 24h --json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(Log);
    const { listActions } = await import('../src/operate/actions.js');
    const { logResult } = await import('../src/report/log.js');
    const { actor = null, action = null, plan: planId = null, since, limit } = flags;
    const sinceMs = since === undefined ? null : await durationOf('--since', since);
    return this.operate(flags, async (operation) => {
      const query = { actor, action, planId, sinceMs, limit };
      const { actions, truncated } = await listActions(operation, query);
      return logResult(operation.name, actions, query, truncated, Date.now());
    });
  }
}
