import * as Args from '@oclif/core/args';
import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags, reasonFlag } from '../operate-command.js';

export default class EndpointPause extends OperateCommand {
  static override summary = 'Stop an endpoint from receiving, on all its workers, within a second.';
  static override description =
    `What its workers have in hand they finish; messages wait in the queue. Kept in the deployment: a worker
that starts obeys as well. Logged; oncectl endpoint resume, or oncectl undo, ends it.`;
  static override args = {
    endpoint: Args.string({ required: true, description: 'Name of the endpoint.' }),
  };
  static override flags = { ...operateFlags, ...reasonFlag };
  static override examples = [
    '<%= config.bin %> endpoint pause payments -p shop.yaml --reason "bad release"',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(EndpointPause);
    const { pauseNamed } = await import('../../src/operate/pause/pause.js');
    const { pausedResult } = await import('../../src/report/pause.js');
    return this.operate(flags, async (operation) => {
      const change = await pauseNamed(operation, args.endpoint, flags.reason ?? null);
      return pausedResult(operation.name, change, Date.now());
    });
  }
}
