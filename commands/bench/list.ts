import * as Flags from '@oclif/core/flags';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class BenchList extends OncectlCommand {
  static override summary = 'List the runs, newest first.';
  static override flags = {
    out: Flags.string({ description: 'Folder that runs are kept under.', default: 'runs' }),
  };
  static override examples = [
    '<%= config.bin %> bench list',
    '<%= config.bin %> bench list -q',
    '<%= config.bin %> bench list --json',
  ];

  protected override async obtain(): Promise<ResultOf<'bench.list'>> {
    const { flags } = await this.parse(BenchList);
    const { listRuns } = await import('../../src/bench/run-folder.js');
    const { benchListTable, unreadableRow, benchListRow } = await import(
      '../../src/report/bench-list.js'
    );
    const runs = await listRuns(flags.out);
    const rows = runs.map(({ id, path, result }) =>
      result ? benchListRow(result, path) : unreadableRow(id, path),
    );
    return {
      name: 'bench.list',
      data: rows,
      table: benchListTable(rows),
      ids: rows.map(({ runId }) => runId),
    };
  }
}
