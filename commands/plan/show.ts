import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { OncectlCommand } from '../base.js';

export default class PlanShow extends OncectlCommand {
  static override summary = 'Review a plan: what it will do, to what, and what it leaves out.';
  static override args = {
    plan: Args.string({ required: true, description: 'File that --plan wrote.' }),
  };
  static override examples = ['<%= config.bin %> plan show p.json'];

  protected override async obtain(): Promise<CommandResult> {
    const { args } = await this.parse(PlanShow);
    const { readPlan } = await import('../../src/operate/plan/file.js');
    const { planResult } = await import('../../src/report/plan.js');
    return planResult('plan.show', await readPlan(args.plan), Date.now());
  }
}
