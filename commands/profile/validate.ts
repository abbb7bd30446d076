import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class ProfileValidate extends OncectlCommand {
  static override summary =
    'Check a profile: keys, values, and whether its endpoints can communicate.';
  static override description =
    'Every problem is listed with file, line, column and key; exit 104.';
  static override args = {
    profile: Args.string({ required: true, description: 'A file, or a built-in profile.' }),
  };
  static override flags = {
    set: Flags.string({
      description: 'Replace one value first: load.rate=80/s. Can be given again.',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };
  static override examples = ['<%= config.bin %> profile validate my.yaml'];

  protected override async obtain(): Promise<ResultOf<'profile.validate'>> {
    const { args, flags } = await this.parse(ProfileValidate);
    const { loadProfile } = await import('../../src/profile/load.js');
    const { summarize } = await import('../../src/profile/list.js');
    const { formatDuration, formatRate } = await import('../../src/profile/quantities.js');
    const { profile, source, warnings } = await loadProfile(args.profile, { set: flags.set ?? [] });
    const data = { ...summarize(profile), ...source };
    const enters = `${formatRate(data.enteringPerSecond)} enter`;
    const handled = `${formatRate(data.handledPerSecond)} are handled`;
    const load = `${enters}, ${handled}, for ${formatDuration(data.durationMs)}`;
    const text = `${args.profile} is valid: ${data.protocol} on ${data.backend}; ${load}`;
    return { name: 'profile.validate', data, text, ids: [data.name], warnings };
  }
}
