import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { durationOf, OperateCommand, operateFlags } from '../operate-command.js';

export default class TokenList extends OperateCommand {
  static override aliases = ['token:ls'];
  static override summary = 'List the payloads that are present, and what each is for.';
  static override description =
    `A verdict for each: live (a message, an entry or a slot names it, or its attempt may still win);
orphan, with the rule that proves that its attempt lost; young; unreferenced (old, and named by nothing,
which proves nothing: never swept). --lost lists the other way round: messages whose payload is absent.
Reads only.`;
  static override flags = {
    ...operateFlags,
    older: Flags.string({
      description: 'What nothing names is called young until it is so old.',
      default: '10m',
      helpValue: 'DURATION',
    }),
    orphans: Flags.boolean({ description: 'Only what is proven to be an orphan.' }),
    quarantined: Flags.boolean({ description: 'Only what is in quarantine.' }),
    unreferenced: Flags.boolean({ description: 'Only what is old and named by nothing.' }),
    lost: Flags.boolean({
      description:
        'Messages whose payload is absent, and that were not handled as far as is known.',
      exclusive: ['orphans', 'quarantined', 'unreferenced'],
    }),
    endpoint: Flags.string({
      description: 'Only what was put at this endpoint (with --lost: messages for it).',
      helpValue: 'NAME',
    }),
    limit: Flags.integer({ description: 'Most rows of a page.', default: 100, min: 1 }),
    cursor: Flags.string({ description: 'Go on where a page ended (page.next of --json).' }),
  };
  static override examples = [
    '<%= config.bin %> token list -p @last --orphans',
    '<%= config.bin %> token list -p shop.yaml --lost --json',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { flags } = await this.parse(TokenList);
    const { examineTokens } = await import('../../src/operate/token/examine.js');
    const { findLost } = await import('../../src/operate/token/lost.js');
    const { lostResult, tokensResult } = await import('../../src/report/token.js');
    const youngerThanMs = await durationOf('--older', flags.older);
    return this.operate(flags, async (operation) => {
      const { endpoint } = flags;
      if (endpoint !== undefined) operation.endpoint(endpoint);
      const { tokens, look, ...examined } = await examineTokens(operation, { youngerThanMs });
      if (flags.lost) {
        const lost = await findLost(operation, look, new Set(tokens.map(({ id }) => id)));
        const asked = lost.filter((one) => endpoint === undefined || one.endpoint === endpoint);
        return lostResult(operation, asked, examined.coverage);
      }
      const wanted = tokens.filter(
        ({ verdict, quarantine, origin }) =>
          (!flags.orphans || verdict === 'orphan') &&
          (!flags.unreferenced || verdict === 'unreferenced') &&
          (!flags.quarantined || quarantine !== null) &&
          (endpoint === undefined || origin.endpoint === endpoint),
      );
      const from = Number(flags.cursor ?? 0);
      const shown = wanted.slice(from, from + flags.limit);
      const end = from + shown.length;
      const next = end < wanted.length ? String(end) : null;
      const { orphans, quarantined, unreferenced } = flags;
      const query = {
        endpoint: endpoint ?? null,
        orphans,
        quarantined,
        unreferenced,
        youngerThanMs,
      };
      return tokensResult(
        operation,
        { ...examined, tokens: wanted, shown, next },
        query,
        Date.now(),
      );
    });
  }
}
