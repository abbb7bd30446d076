import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { CommandResult } from '../../src/report/output.js';
import { ApplyCommand, planFlags } from '../apply-command.js';
import { operateFlags } from '../operate-command.js';

export default class DeadEdit extends ApplyCommand {
  static override summary = 'Send a corrected message in place of a dead letter.';
  static override description =
    `The new message has an id of its own, which the plan fixes; the original is exported and discarded after
the new one was sent. Interrupted at any point, apply --resume sends the same id again and finishes. A
letter whose message was applied is refused, as is one of which a copy is on its way. With none of --body,
--set-body and --type, $VISUAL or $EDITOR opens the body. The new body lies beside the plan.`;
  static override args = {
    message: Args.string({
      required: true,
      description: 'Its id, or 6 or more characters that only its id begins with.',
    }),
  };
  static override flags = {
    ...operateFlags,
    ...planFlags,
    body: Flags.string({
      description: 'File with the new body; - for standard input.',
      helpValue: 'FILE',
      exclusive: ['set-body'],
    }),
    'set-body': Flags.string({ description: 'The new body itself.', helpValue: 'JSON' }),
    type: Flags.string({ description: 'Another type of message.', helpValue: 'TYPE' }),
  };
  static override examples = [
    '<%= config.bin %> dead edit 01J9Z4K7QF -p shop.yaml',
    '<%= config.bin %> dead edit 01J9Z4K7QF -p shop.yaml --body fixed.json --plan p.json',
    '<%= config.bin %> dead edit 01J9Z4K7QF -p shop.yaml --set-body \'{"amount":12}\' --yes',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(DeadEdit);
    const { theLetter } = await import('../../src/operate/dead/show.js');
    const { editable, planEdit } = await import('../../src/operate/dead/plan-edit.js');
    return this.operate(flags, async (operation) => {
      const { letter, others } = await theLetter(operation, args.message);
      const { type, body } = await editable(operation, letter);
      const given = await this.givenBody(flags);
      const isByHand = given === null && flags.type === undefined;
      const after = {
        type: flags.type ?? type,
        body: isByHand ? await this.byHand(body) : (given ?? body),
      };
      const { plan, attachment } = await planEdit(operation, letter, after);
      const result = await this.carryOut('dead.edit', operation, plan, flags, attachment);
      const more = `${others} more letters of this message stay among the dead ones`;
      return { ...result, warnings: others > 0 ? [more] : [] };
    });
  }

  /** null: neither flag was given. */
  private async givenBody(flags: {
    readonly body?: string | undefined;
    readonly 'set-body'?: string | undefined;
  }): Promise<Uint8Array | null> {
    const { bodyFrom } = await import('../../src/operate/dead/new-body.js');
    if (flags['set-body'] !== undefined) return new TextEncoder().encode(flags['set-body']);
    return flags.body === undefined ? null : bodyFrom(flags.body);
  }

  private async byHand(body: Uint8Array): Promise<Uint8Array> {
    const { OncectlError } = await import('../../src/engine/errors.js');
    const { bodyByHand } = await import('../../src/operate/dead/new-body.js');
    const { VISUAL, EDITOR } = process.env;
    const editor = VISUAL ?? EDITOR;
    if (!this.canAsk() || editor === undefined) {
      throw new OncectlError('refused', 'nobody is here to edit the body', {
        about: 'dead edit',
        hint: '--body FILE or --set-body JSON give the new one; at a terminal, set EDITOR',
      });
    }
    return bodyByHand(editor, body);
  }
}
