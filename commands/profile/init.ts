import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class ProfileInit extends OncectlCommand {
  static override summary = 'Write a profile to begin with, which editors can check and complete.';
  static override args = {
    file: Args.string({ default: 'oncectl.yaml', description: 'The file to write.' }),
  };
  static override flags = {
    force: Flags.boolean({ description: 'Replace the file if there is one.' }),
  };
  static override examples = ['<%= config.bin %> profile init my.yaml'];

  protected override async obtain(): Promise<ResultOf<'profile.init'>> {
    const { args, flags } = await this.parse(ProfileInit);
    const { writeStarter } = await import('../../src/profile/starter.js');
    const path = await writeStarter(args.file, process.cwd(), flags.force);
    const text = `wrote ${path}\nrun it with: oncectl bench run ${args.file}`;
    return { name: 'profile.init', data: { path }, text, ids: [path] };
  }
}
