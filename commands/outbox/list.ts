import * as Flags from '@oclif/core/flags';
import type { Operation } from '../../src/operate/operation.js';
import type { CommandResult } from '../../src/report/output.js';
import { durationOf, OperateCommand, operateFlags } from '../operate-command.js';
import { stuckFlags, stuckQuery } from '../stuck-command.js';

export default class OutboxList extends OperateCommand {
  static override aliases = ['outbox:ls'];
  static override summary = 'List the entries and slots that have stood undispatched for too long.';
  static override description =
    `An entry is written with the state that a message changed and removed (or marked) once what it
promised was sent. One that is older than --older is stuck: its worker died, or a store was out of
reach. Oldest first. Reads only.`;
  static override flags = {
    ...operateFlags,
    ...stuckFlags,
    sort: Flags.option({
      options: ['age', 'endpoint'] as const,
      default: 'age' as const,
      description: 'Order of the rows.',
    })(),
    limit: Flags.integer({ description: 'Most rows of a page.', default: 100, min: 1 }),
    cursor: Flags.string({ description: 'Go on where a page ended (page.next of --json).' }),
  };
  static override examples = [
    '<%= config.bin %> outbox list -p @last',
    '<%= config.bin %> outbox list -p shop.yaml --endpoint payments --older 5m --json',
    '<%= config.bin %> outbox list -p shop.yaml --outbox legacy',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(OutboxList);
    const { findStuck } = await import('../../src/operate/outbox/stuck.js');
    const { stuckResult } = await import('../../src/report/outbox.js');
    const olderThanMs = await durationOf('--older', flags.older);
    const { outbox } = flags;
    if (outbox !== undefined) {
      const page = { olderThanMs, limit: flags.limit, after: flags.cursor ?? null };
      return this.operate(flags, (operation) => listForeign(operation, outbox, page));
    }
    return this.operate(flags, async (operation) => {
      const { sort, limit, cursor } = flags;
      const query = { ...stuckQuery(flags, olderThanMs), sort, limit, after: cursor ?? null };
      return stuckResult(
        operation,
        await findStuck(operation, query),
        query,
        olderThanMs,
        Date.now(),
      );
    });
  }
}

async function listForeign(
  operation: Operation,
  name: string,
  page: { readonly olderThanMs: number; readonly limit: number; readonly after: string | null },
): Promise<CommandResult> {
  const { foreignPage } = await import('../../src/operate/foreign/list.js');
  const { foreignResult } = await import('../../src/report/outbox-foreign.js');
  return foreignResult(operation.name, await foreignPage(operation, name, page), Date.now());
}
