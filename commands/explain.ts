import * as Args from '@oclif/core/args';
import type { ResultOf } from '../src/report/documents/table.js';
import { OncectlCommand } from './base.js';

export default class Explain extends OncectlCommand {
  static override summary = 'Tell what an exit code or an error code means.';
  static override args = {
    code: Args.string({ description: 'Exit code or error code; all exit codes when left out.' }),
  };
  static override examples = [
    '<%= config.bin %> explain 97',
    '<%= config.bin %> explain NOT_FOUND',
  ];

  protected override async obtain(): Promise<ResultOf<'explain'>> {
    const { args } = await this.parse(Explain);
    const { explain, explainAll, explanationText } = await import('../src/report/explain.js');
    if (args.code !== undefined) {
      const data = explain(args.code);
      return { name: 'explain', data: [data], text: explanationText(data), ids: [data.code] };
    }
    const all = explainAll();
    const rows = all.map(({ exit, meaning }) => [exit, meaning]);
    const columns = [{ name: 'exit', align: 'right' }, { name: 'meaning' }] as const;
    return { name: 'explain', data: all, table: { columns, rows } };
  }
}
