import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

export default class PlanShow extends OperateCommand {
  static override summary = 'Review a plan: what it will do, to what, and what it leaves out.';
  static override description =
    `With -p also what became of its items since: where each stood then and stands now, and what an apply
did to it. Also of a plan that is stale.`;
  static override args = {
    plan: Args.string({ required: true, description: 'File that --plan wrote.' }),
  };
  static override flags = operateFlags;
  static override examples = [
    '<%= config.bin %> plan show p.json',
    '<%= config.bin %> plan show p.json -p shop.yaml',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(PlanShow);
    const { readPlan } = await import('../../src/operate/plan/file.js');
    const { planResult } = await import('../../src/report/plan.js');
    const plan = await readPlan(args.plan);
    if (flags.profile === undefined) return planResult('plan.show', plan, Date.now());
    const { comparePlan } = await import('../../src/operate/plan/compare.js');
    const { comparedResult } = await import('../../src/report/plan-compare.js');
    return this.operate(flags, async (operation) =>
      comparedResult(plan, await comparePlan(operation, plan), Date.now()),
    );
  }
}
