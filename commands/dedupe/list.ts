import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { durationOf, OperateCommand, operateFlags } from '../operate-command.js';

export default class DedupeList extends OperateCommand {
  static override aliases = ['dedupe:ls'];
  static override summary = 'List by what duplicates are recognised: records, dispatched entries.';
  static override description =
    `Endpoints with tokens keep none: there a duplicate is one whose payload is gone. Reads only.`;
  static override flags = {
    ...operateFlags,
    endpoint: Flags.string({
      description: 'Only this endpoint. Can be given again.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    older: Flags.string({
      description: 'Only what was handled so long ago.',
      helpValue: 'DURATION',
    }),
    expired: Flags.boolean({ description: 'Only what a late copy may no longer find.' }),
    prefix: Flags.string({ description: 'Only ids that begin with it.', default: '' }),
    limit: Flags.integer({ description: 'Most rows of a page.', default: 100, min: 1 }),
    cursor: Flags.string({ description: 'Go on where a page ended (page.next of --json).' }),
  };
  static override examples = [
    '<%= config.bin %> dedupe list -p @last',
    '<%= config.bin %> dedupe list -p shop.yaml --endpoint payments --expired --json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(DedupeList);
    const { findKnown } = await import('../../src/operate/dedupe/records.js');
    const { knownResult } = await import('../../src/report/dedupe.js');
    const { older, endpoint, expired, prefix, limit, cursor } = flags;
    const olderThanMs = older === undefined ? null : await durationOf('--older', older);
    return this.operate(flags, async (operation) => {
      const filter = { endpoints: endpoint ?? [], prefix, olderThanMs, expired };
      const query = { ...filter, limit, after: cursor ?? null };
      return knownResult(operation, await findKnown(operation, query), query, Date.now());
    });
  }
}
