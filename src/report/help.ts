/** oclif's help with the exit codes at its end. */
import { Help } from '@oclif/core/help';
import { exitCodes } from './exit-codes.js';

/** The exit codes as lines for a terminal. */
export function exitCodeLines(): string[] {
  return exitCodes.map(({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}`);
}

/** Named in package.json as `oclif.helpClass`. */
export default class OncectlHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    this.log(this.section('EXIT CODES', exitCodeLines().join('\n')));
  }

  override async showCommandHelp(command: Parameters<Help['showCommandHelp']>[0]): Promise<void> {
    const id = command.id;
    await super.showCommandHelp(command);
    if (id !== 'bench:run') return;
    this.log(this.section('EXIT CODES', exitCodeLines().join('\n')));
  }
}
