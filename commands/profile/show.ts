import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class ProfileShow extends OncectlCommand {
  static override summary = 'Print a profile as it is written, or with every default filled in.';
  static override args = {
    profile: Args.string({ required: true, description: 'Built-in profile, or a file.' }),
  };
  static override flags = {
    resolved: Flags.boolean({
      description: 'With defaults and variables filled in, shapes spelt out, in base units.',
    }),
    set: Flags.string({
      description: 'Replace one value: load.rate=80/s. Can be given again.',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['resolved'],
    }),
  };
  static override examples = [
    '<%= config.bin %> profile show classic',
    '<%= config.bin %> profile show faulty --resolved --set load.duration=5m',
  ];

  protected override async obtain(): Promise<ResultOf<'profile.show'>> {
    const { args, flags } = await this.parse(ProfileShow);
    const show = await import('../../src/profile/show.js');
    const shown = flags.resolved
      ? await show.showResolved(args.profile, flags.set ?? [])
      : await show.showWritten(args.profile);
    const { name, text, data, warnings } = shown;
    return { name: 'profile.show', data, text, ids: [name], warnings };
  }
}
