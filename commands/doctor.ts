import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../src/report/output.js';
import { OncectlCommand } from './base.js';
import { deploymentArgs, deploymentFlags, loadDeployment } from './deployment-command.js';

export default class Doctor extends OncectlCommand {
  static override summary = 'Look at every part of a deployment for what would break a protocol.';
  static override description =
    `Reaches every store with harmless calls: latency, version, permissions, clock skew, and each
setting that would lose, double or leak a message. Changes nothing.`;
  static override args = deploymentArgs;
  static override flags = {
    ...deploymentFlags,
    check: Flags.boolean({ description: 'Exit 10 when something would break a protocol.' }),
  };
  static override examples = [
    '<%= config.bin %> doctor shop.yaml',
    '<%= config.bin %> doctor classic --backend sqs-s3 --check',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const given = await this.parse(Doctor);
    const { profile, folder, warnings } = await loadDeployment(given);
    const { examineDeployment } = await import('../src/deployment/deploy.js');
    const { doctorResult } = await import('../src/report/deploy.js');
    const findings = await examineDeployment({ profile, folder });
    return { ...doctorResult(findings, given.flags.check), warnings };
  }
}
