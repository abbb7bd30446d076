/** Which command a command line names. oclif would answer a mistyped one with help and exit 0. */
import { OncectlError } from '../engine/errors.js';
import { nearest } from '../profile/nearest.js';

export type CommandLine =
  /** `subject`: words of a command or a topic; none for the whole program. */
  | { readonly kind: 'help'; readonly subject: readonly string[] }
  /** `id` with colons, as oclif wants it. */
  | { readonly kind: 'run'; readonly id: string; readonly argv: readonly string[] };

const globalsWithValue = ['--color'];

/**
 * Finds the command, whatever global flags stand before it. A topic alone asks for its help.
 *
 * @param ids every command, `bench:run`
 * @throws OncectlError `usage` when there is no such command, with the nearest one as hint
 */
export function readCommandLine(argv: readonly string[], ids: readonly string[]): CommandLine {
  const [leading, rest] = splitLeadingFlags(argv);
  const asksHelp = rest[0] === 'help' || beforeDashes(argv).some(isHelpFlag);
  const words = leadingWords(rest[0] === 'help' ? rest.slice(1) : rest);
  if (words.length === 0) return helpOrUnknownFlag(leading);
  const id = longestCommand(words, ids);
  if (id === undefined && !isTopic(words, ids)) throw unknownCommand(words, ids);
  if (asksHelp || id === undefined) return { kind: 'help', subject: id?.split(':') ?? words };
  return { kind: 'run', id, argv: [...leading, ...rest.slice(id.split(':').length)] };
}

/** Whether errors go to stdout as a document: they can strike before any flag is parsed. */
export function wantsJson(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return beforeDashes(argv).includes('--json') || /^(1|true|yes|y)$/i.test(env.ONCECTL_JSON ?? '');
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--');
  return dashes === -1 ? argv : argv.slice(0, dashes);
}

function isHelpFlag(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function splitLeadingFlags(argv: readonly string[]): [readonly string[], readonly string[]] {
  let end = 0;
  while (argv[end]?.startsWith('-')) end += globalsWithValue.includes(argv[end] ?? '') ? 2 : 1;
  return [argv.slice(0, end), argv.slice(end)];
}

function leadingWords(rest: readonly string[]): readonly string[] {
  const flag = rest.findIndex((argument) => argument.startsWith('-'));
  return flag === -1 ? rest : rest.slice(0, flag);
}

/** Without a command only help and the global flags mean anything. */
function helpOrUnknownFlag(flags: readonly string[]): CommandLine {
  const known = ['--help', '-h', '--json', '--quiet', '-q', '--no-input', '--version', '--color'];
  const stray = flags.find(
    (flag) => flag.startsWith('-') && !known.includes(flag.split('=')[0] ?? ''),
  );
  if (stray !== undefined) throw unknownFlag(stray, known);
  return { kind: 'help', subject: [] };
}

/** @throws never; returns the error for a flag that nobody knows */
export function unknownFlag(flag: string, known: readonly string[]): OncectlError {
  const meant = nearest(
    flag,
    known.filter((name) => name.startsWith('--')),
  );
  const hint = meant === null ? 'oncectl --help lists what there is' : `did you mean ${meant}?`;
  return new OncectlError('usage', `unknown flag: ${flag}`, { about: flag, hint });
}

function longestCommand(words: readonly string[], ids: readonly string[]): string | undefined {
  for (let length = words.length; length > 0; length -= 1) {
    const id = words.slice(0, length).join(':');
    if (ids.includes(id)) return id;
  }
  return undefined;
}

function isTopic(words: readonly string[], ids: readonly string[]): boolean {
  return ids.some((id) => id.startsWith(`${words.join(':')}:`));
}

function unknownCommand(words: readonly string[], ids: readonly string[]): OncectlError {
  const depth = isTopic(words.slice(0, 1), ids) ? 2 : 1;
  const name = words.slice(0, depth).join(' ');
  const meant = nearest(
    name,
    ids.map((id) => id.replaceAll(':', ' ')),
  );
  const hint =
    meant === null ? 'oncectl --help lists every command' : `did you mean oncectl ${meant}?`;
  return new OncectlError('usage', `unknown command: ${name}`, { about: name, hint });
}
