import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags, reasonFlag } from '../operate-command.js';

export default class EndpointResume extends OperateCommand {
  static override summary = 'Let a paused endpoint go on, on all its workers, within a second.';
  static override description =
    `Whoever paused it. An endpoint that is not paused is left as it is.`;
  static override args = {
    endpoint: Args.string({ required: true, description: 'Name of the endpoint.' }),
  };
  static override flags = { ...operateFlags, ...reasonFlag };
  static override examples = ['<%= config.bin %> endpoint resume payments -p shop.yaml'];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(EndpointResume);
    const { resumeNamed } = await import('../../src/operate/pause/pause.js');
    const { resumedResult } = await import('../../src/report/pause.js');
    return this.operate(flags, async (operation) => {
      const change = await resumeNamed(operation, args.endpoint, flags.reason ?? null);
      return resumedResult(operation.name, change, Date.now());
    });
  }
}
