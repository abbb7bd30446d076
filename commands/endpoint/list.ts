import type { CommandResult } from '../../src/report/output.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

export default class EndpointList extends OperateCommand {
  static override aliases = ['endpoint:ls'];
  static override summary = 'List the endpoints, and which of them are paused, by whom and why.';
  static override flags = operateFlags;
  static override examples = ['<%= config.bin %> endpoint list -p shop.yaml'];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(EndpointList);
    const { listPausable } = await import('../../src/operate/pause/pause.js');
    const { pausableResult } = await import('../../src/report/pause.js');
    return this.operate(flags, async (operation) =>
      pausableResult(operation.name, await listPausable(operation), Date.now()),
    );
  }
}
