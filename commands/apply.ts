import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../src/report/output.js';
import { ApplyCommand, applyFlags } from './apply-command.js';
import { operateFlags } from './operate-command.js';

export default class Apply extends ApplyCommand {
  static override summary = 'Apply a plan: exactly its items, never a new selection.';
  static override description =
    `The file is the confirmation; a protected deployment asks for --reason. An item that moved since
it was planned is left to whoever was faster. How far it got is kept in the deployment, so --resume goes
on from any machine. Exit codes: 0 done, 7 done in part, 8 the plan is stale.`;
  static override args = {
    plan: Args.string({ required: true, description: 'File that --plan wrote.' }),
  };
  static override flags = {
    ...operateFlags,
    ...applyFlags,
    resume: Flags.boolean({ description: 'Go on with a plan that somebody began.' }),
  };
  static override examples = [
    '<%= config.bin %> apply p.json -p shop.yaml',
    '<%= config.bin %> apply p.json -p shop.yaml --resume',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Apply);
    const { readPlan } = await import('../src/operate/plan/file.js');
    const plan = await readPlan(args.plan);
    return this.operate(flags, (operation) =>
      this.apply('apply', operation, plan, args.plan, flags),
    );
  }
}
