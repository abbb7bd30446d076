import { join } from 'node:path';
import * as Args from '@oclif/core/args';
import type { ResultOf } from '../src/report/documents/table.js';
import { OncectlCommand } from './base.js';

export default class Schema extends OncectlCommand {
  static override summary = 'Print the JSON Schema of a file or an output, or list the schemas.';
  static override args = {
    name: Args.string({ description: 'Name of a schema; the list of them when left out.' }),
  };
  static override examples = ['<%= config.bin %> schema', '<%= config.bin %> schema profile'];

  protected override async obtain(): Promise<ResultOf<'schema'> | ResultOf<'schema.list'>> {
    const { args } = await this.parse(Schema);
    const { readSchema, schemaNames } = await import('../src/report/schemas.js');
    const folder = join(this.config.root, 'schemas');
    if (args.name !== undefined) {
      const text = readSchema(folder, args.name);
      return { name: 'schema', data: JSON.parse(text), text, ids: [args.name] };
    }
    const names = schemaNames(folder);
    const table = { columns: [{ name: 'schema' }], rows: names.map((name) => [name]) };
    return { name: 'schema.list', data: names, table };
  }
}
