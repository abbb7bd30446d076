import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class DevStatus extends OncectlCommand {
  static override summary = 'Show the local servers that dev up started in this folder.';
  static override examples = ['<%= config.bin %> dev status'];

  protected override async obtain(): Promise<ResultOf<'dev.status'>> {
    await this.parse(DevStatus);
    const { stateOf } = await import('../../src/dev/local-servers.js');
    const { devFolder } = await import('../../src/dev/records.js');
    const { serverTable } = await import('../../src/report/dev.js');
    const servers = stateOf(devFolder);
    return { name: 'dev.status', data: { servers }, table: serverTable(servers) };
  }
}
