import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class ProfileList extends OncectlCommand {
  static override summary = 'List the profiles that come with oncectl.';
  static override examples = ['<%= config.bin %> profile list'];

  protected override async obtain(): Promise<ResultOf<'profile.list'>> {
    await this.parse(ProfileList);
    const { listProfiles } = await import('../../src/profile/list.js');
    const { formatDuration, formatRate } = await import('../../src/profile/quantities.js');
    const profiles = await listProfiles();
    const rows = profiles.map((profile) => [
      profile.name,
      profile.protocol,
      profile.backend,
      profile.endpoints,
      { shown: formatRate(profile.enteringPerSecond), exact: profile.enteringPerSecond },
      { shown: formatRate(profile.handledPerSecond), exact: profile.handledPerSecond },
      { shown: formatDuration(profile.durationMs), exact: profile.durationMs },
      profile.description,
    ]);
    const columns = [
      { name: 'name' },
      { name: 'protocol' },
      { name: 'backend' },
      { name: 'endpoints', align: 'right' as const },
      { name: 'enters', align: 'right' as const },
      { name: 'handled', align: 'right' as const },
      { name: 'time', align: 'right' as const },
      { name: 'description' },
    ];
    return { name: 'profile.list', data: profiles, table: { columns, rows } };
  }
}
