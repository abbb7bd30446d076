import { join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class BenchShow extends OncectlCommand {
  static override summary = 'Print the report of a run again.';
  static override args = {
    run: Args.string({
      default: '@last',
      description: 'Id, 6 or more characters of one, folder, or @last.',
    }),
  };
  static override flags = {
    out: Flags.string({ description: 'Folder that runs are kept under.', default: 'runs' }),
    raw: Flags.boolean({ description: 'Print result.json byte for byte.', exclusive: ['json'] }),
  };
  static override examples = [
    '<%= config.bin %> bench show @last',
    '<%= config.bin %> bench show @last --json',
  ];

  protected override async obtain(): Promise<ResultOf<'bench.show'>> {
    const { args, flags } = await this.parse(BenchShow);
    const { findRun, readResult } = await import('../../src/bench/run-folder.js');
    const folder = await findRun(flags.out, args.run);
    const result = await readResult(folder);
    if (flags.raw) {
      const { readFile } = await import('node:fs/promises');
      const text = await readFile(join(folder, 'result.json'), 'utf8');
      return { name: 'bench.show', data: result, text };
    }
    const { renderBenchResult } = await import('../../src/report/bench-text.js');
    const text = (style: { color: boolean; width: number }) =>
      renderBenchResult(result, { ...style, folder });
    return { name: 'bench.show', data: result, text, ids: [result.runId] };
  }
}
