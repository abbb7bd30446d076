import * as Flags from '@oclif/core/flags';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class DevDown extends OncectlCommand {
  static override summary = 'Stop the local servers that dev up started in this folder.';
  static override description = 'Their data stay for the next dev up, unless --clean is given.';
  static override flags = {
    clean: Flags.boolean({ description: 'Remove their data and their logs too.' }),
  };
  static override examples = ['<%= config.bin %> dev down', '<%= config.bin %> dev down --clean'];

  protected override async obtain(): Promise<ResultOf<'dev.down'>> {
    const { flags } = await this.parse(DevDown);
    const { stopServers } = await import('../../src/dev/local-servers.js');
    const { devFolder } = await import('../../src/dev/records.js');
    const stopped = await stopServers(devFolder, flags.clean);
    const names = stopped.map(({ name }) => name);
    const what = names.length === 0 ? 'No server was running' : `Stopped ${names.join(', ')}`;
    return {
      name: 'dev.down',
      data: { stopped: names, cleaned: flags.clean },
      text: flags.clean ? `${what}; the data are removed.` : `${what}.`,
      ids: names,
    };
  }
}
