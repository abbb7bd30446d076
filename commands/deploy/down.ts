import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { OncectlCommand } from '../base.js';
import { deploymentArgs, deploymentFlags, loadDeployment } from '../deployment-command.js';

export default class DeployDown extends OncectlCommand {
  static override summary = 'Remove a deployment, with everything that is in it.';
  static override description =
    `Asks first. Refuses while messages are queued, in flight or dead, unless forced; only what
deploy up makes is removed.`;
  static override args = deploymentArgs;
  static override flags = {
    ...deploymentFlags,
    'dry-run': Flags.boolean({ description: 'Show what would be removed, and do nothing.' }),
    force: Flags.boolean({ description: 'Also while messages are queued: they are lost.' }),
    yes: Flags.boolean({ char: 'y', description: 'Do not ask.' }),
  };
  static override examples = [
    '<%= config.bin %> deploy down shop.yaml --dry-run',
    '<%= config.bin %> deploy down shop.yaml --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const given = await this.parse(DeployDown);
    const { 'dry-run': dryRun, force, yes } = given.flags;
    const { profile, folder, warnings } = await loadDeployment(given);
    const { deployDown } = await import('../../src/deployment/deploy.js');
    const { deployResult } = await import('../../src/report/deploy.js');
    const options = { profile, folder, force };
    if (!dryRun && !yes) {
      const planned = await deployDown({ ...options, dryRun: true });
      const there = planned.filter(({ action }) => action === 'remove');
      await this.confirm(
        `Remove ${there.length} things of "${profile.deployment.namespace}" and all that is in them?`,
        '--yes',
      );
    }
    const steps = await deployDown({ ...options, dryRun });
    return { ...deployResult('deploy.down', steps), warnings };
  }
}
