import type { ResultOf } from '../src/report/documents/table.js';
import { OncectlCommand } from './base.js';

export default class Version extends OncectlCommand {
  static override summary = 'Print the version, and what it runs on.';

  protected override async obtain(): Promise<ResultOf<'version'>> {
    await this.parse(Version);
    const { versionInformation } = await import('../src/report/version.js');
    const data = versionInformation(this.config.version);
    const text = `oncectl ${data.version}, Node ${data.node}, ${data.platform}`;
    return { name: 'version', data, text, ids: [data.version] };
  }
}
