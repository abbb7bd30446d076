/** What every command shares: the global flags, and one result that one place renders. */
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import { type CommandResult, outputOptions, renderResult } from '../src/report/output.js';

type Parsed = Record<string, unknown>;

/**
 * A command parses its flags, calls into `src` and returns a result; it never prints. Import what
 * it calls inside `obtain`, so that help loads no backend and no view.
 */
export abstract class OncectlCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({
      description: 'Print one JSON document.',
      env: 'ONCECTL_JSON',
      helpGroup: 'GLOBAL',
    }),
    quiet: Flags.boolean({
      char: 'q',
      description: 'Print ids only, one a line.',
      env: 'ONCECTL_QUIET',
      helpGroup: 'GLOBAL',
    }),
    color: Flags.option({
      options: ['auto', 'always', 'never'] as const,
      default: 'auto' as const,
      description: 'Colour: auto asks the terminal, NO_COLOR, TERM and CI.',
      env: 'ONCECTL_COLOR',
      helpGroup: 'GLOBAL',
    })(),
    'no-input': Flags.boolean({
      description: 'Never ask; refuse instead.',
      env: 'ONCECTL_NO_INPUT',
      helpGroup: 'GLOBAL',
    }),
  };

  private parsedFlags: Parsed = {};

  /** Does the command's work: parse, call `src`, return the result. Throws `OncectlError`. */
  protected abstract obtain(): Promise<CommandResult | null>;

  /** Obtains the result and prints it. A command that returns null has printed a stream itself. */
  override async run(): Promise<void> {
    const result = await this.obtain();
    if (result === null) return;
    const { stdout, stderr } = renderResult(result, this.output(), new Date());
    process.stderr.write(stderr);
    process.stdout.write(stdout);
    process.exitCode = result.exitCode ?? 0;
  }

  /** How this command prints; known once the flags are parsed. */
  protected output() {
    const { json, quiet, color } = this.parsedFlags;
    const when = color === 'always' || color === 'never' ? color : 'auto';
    const flags = { json: json === true, quiet: quiet === true, color: when } as const;
    const { isTTY, columns } = process.stdout;
    return outputOptions(flags, { isTTY: isTTY === true, columns, env: process.env });
  }

  /** Whether a question can be asked: somebody sits at the terminal and did not forbid it. */
  protected canAsk(): boolean {
    const { isTTY } = process.stdin;
    return isTTY === true && this.parsedFlags['no-input'] !== true && !process.env.CI;
  }

  /**
   * Goes on only when somebody at the terminal says yes. Refuses (kind `refused`, naming the flag that
   * says it beforehand) where nobody can be asked; `declined` for anything but yes.
   */
  protected async confirm(question: string, flag: string): Promise<void> {
    const answer = await this.ask(`${question} [y/N] `, flag);
    if (/^y(es)?$/i.test(answer)) return;
    throw await declined();
  }

  /** As `confirm`, but it is `count` that has to be typed: a habit does not type it. */
  protected async confirmCount(question: string, count: number, flag: string): Promise<void> {
    const answer = await this.ask(`${question} Type ${count} to go on: `, flag);
    if (answer.replaceAll(',', '') === String(count)) return;
    throw await declined();
  }

  private async ask(question: string, flag: string): Promise<string> {
    const { OncectlError } = await import('../src/engine/errors.js');
    if (!this.canAsk()) {
      throw new OncectlError('refused', 'nobody is here to be asked', { hint: `add ${flag}` });
    }
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await lines.question(question);
    lines.close();
    return answer.trim();
  }

  protected override async parse<F extends Parsed, B extends Parsed, A extends Parsed>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv);
    const flags = { ...notGiven(options?.flags ?? {}), ...parsed.flags };
    this.parsedFlags = flags;
    return { ...parsed, flags };
  }

  /** `bin/` renders every error; oclif would print its own and set its own exit code. */
  protected override async catch(error: unknown): Promise<never> {
    throw error;
  }
}

/** oclif leaves a boolean flag that is not given undefined, although its type says false. */
function notGiven(flags: Readonly<Record<string, { readonly type: string }>>): Parsed {
  const names = Object.keys(flags).filter((name) => flags[name]?.type === 'boolean');
  return Object.fromEntries(names.map((name) => [name, false]));
}

async function declined(): Promise<Error> {
  const { OncectlError } = await import('../src/engine/errors.js');
  return new OncectlError('declined', 'not done');
}
