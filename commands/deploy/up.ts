import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { OncectlCommand } from '../base.js';
import { deploymentArgs, deploymentFlags, loadDeployment } from '../deployment-command.js';

export default class DeployUp extends OncectlCommand {
  static override summary = 'Make what a deployment needs: schemas, queues, tables, buckets.';
  static override description =
    `Makes what is missing and upgrades what is of an older version; what is ready stays as it is, so
that it can be run again at any time. Everything is named after deployment.namespace.`;
  static override args = deploymentArgs;
  static override flags = {
    ...deploymentFlags,
    'dry-run': Flags.boolean({ description: 'Show what would be done, and do nothing.' }),
  };
  static override examples = [
    '<%= config.bin %> deploy up shop.yaml --dry-run',
    '<%= config.bin %> deploy up classic --backend postgres',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const given = await this.parse(DeployUp);
    const { profile, folder, warnings } = await loadDeployment(given);
    const { deployUp } = await import('../../src/deployment/deploy.js');
    const { deployResult } = await import('../../src/report/deploy.js');
    const steps = await deployUp({ profile, folder, dryRun: given.flags['dry-run'] });
    return { ...deployResult('deploy.up', steps), warnings };
  }
}
