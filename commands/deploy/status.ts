import type { CommandResult } from '../../src/report/output.js';
import { OncectlCommand } from '../base.js';
import { deploymentArgs, deploymentFlags, loadDeployment } from '../deployment-command.js';

export default class DeployStatus extends OncectlCommand {
  static override summary = 'Show what a deployment needs, and what of it is there.';
  static override args = deploymentArgs;
  static override flags = deploymentFlags;
  static override examples = ['<%= config.bin %> deploy status shop.yaml'];

  protected override async obtain(): Promise<CommandResult> {
    const { profile, folder, warnings } = await loadDeployment(await this.parse(DeployStatus));
    const { deployStatus } = await import('../../src/deployment/deploy.js');
    const { resourcesResult } = await import('../../src/report/deploy.js');
    return { ...resourcesResult(await deployStatus({ profile, folder })), warnings };
  }
}
