import * as Flags from '@oclif/core/flags';
import type { Operation } from '../../src/operate/operation.js';
import type { CommandResult } from '../../src/report/output.js';
import { deadFilter, deadFlags } from '../dead-command.js';
import { OperateCommand, operateFlags } from '../operate-command.js';

/** A terminal shows more than these as groups. */
const mostRowsUngrouped = 20;

interface Shown {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly group?: string | undefined;
  readonly 'no-group': boolean;
}

export default class DeadList extends OperateCommand {
  static override aliases = ['dead:ls'];
  static override summary = 'List the messages that were given up, and why.';
  static override description =
    `A message whose handler failed too often is put aside as a dead letter. --group alone shows one row for
each error, without the numbers, ids and quoted texts that differ; --group ERROR lists the letters of one.
A terminal groups by itself above 20 rows (--no-group lists them all the same); pipes and --json never do.
Rows are in the order of endpoints and, within one, of its broker. Reads only; a broker that cannot be
searched (SQS) shows its dead letters by receiving them and putting them back.`;
  static override flags = {
    ...operateFlags,
    ...deadFlags,
    group: Flags.string({
      description: 'Alone: a row for each error. With ERROR: only the letters of this one.',
      helpValue: '[ERROR]',
    }),
    'no-group': Flags.boolean({
      description: 'Single letters, however many there are.',
      exclusive: ['group'],
    }),
    limit: Flags.integer({ description: 'Most rows of a page.', default: 100, min: 1 }),
    cursor: Flags.string({ description: 'Go on where a page ended (page.next of --json).' }),
  };
  static override examples = [
    '<%= config.bin %> dead list -p @last',
    '<%= config.bin %> dead list -p shop.yaml --group',
    '<%= config.bin %> dead list -p shop.yaml --endpoint payments --group CardDeclined --json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(DeadList, withGroupAlone(this.argv));
    const { withWholeGroup } = await import('../../src/operate/dead/groups.js');
    const isAlone = flags.group === '';
    const typed = await deadFilter({ ...flags, group: isAlone ? undefined : flags.group });
    return this.operate(flags, async (operation) => {
      const filter = await withWholeGroup(operation, typed);
      const isGrouped = isAlone || (await this.groupsByItself(operation, flags));
      return isGrouped ? groups(operation, filter) : page(operation, filter, flags);
    });
  }

  /** Only for people, and only where nothing says otherwise: programs get one shape, whatever is there. */
  private async groupsByItself(operation: Operation, flags: Shown): Promise<boolean> {
    const isTold = flags['no-group'] || flags.group !== undefined || flags.cursor !== undefined;
    if (isTold || this.output().format !== 'terminal') return false;
    const depths = await operation.deployment.depth();
    const dead = [...depths.values()].reduce((sum, depth) => sum + depth.dead, 0);
    return dead > mostRowsUngrouped;
  }
}

type Filter = Awaited<ReturnType<typeof deadFilter>>;

async function groups(operation: Operation, filter: Filter): Promise<CommandResult> {
  const { allDead } = await import('../../src/operate/dead/letters.js');
  const { groupsOf } = await import('../../src/operate/dead/groups.js');
  const { groupsResult } = await import('../../src/report/dead.js');
  const { letters, exact, coverage } = await allDead(operation, filter);
  const total = { count: letters.length, exact };
  const found = { groups: groupsOf(letters), total, coverage };
  return groupsResult(operation.name, found, { ...filter }, Date.now());
}

async function page(operation: Operation, filter: Filter, flags: Shown): Promise<CommandResult> {
  const { pageOfDead } = await import('../../src/operate/dead/letters.js');
  const { deadResult } = await import('../../src/report/dead.js');
  const { limit, cursor } = flags;
  const found = await pageOfDead(operation, filter, { limit, after: cursor ?? null });
  return deadResult(operation.name, found, { ...filter, limit }, Date.now());
}

/** `--group` with nothing behind it, or another flag, is written as `--group=`. */
function withGroupAlone(argv: readonly string[]): string[] {
  return argv.map((word, at) => {
    const next = argv[at + 1];
    return word === '--group' && (next === undefined || next.startsWith('-')) ? '--group=' : word;
  });
}
