/** The one map of outcomes to exit codes, with the sentences that help, docs and README print. */
import type { ErrorKind } from '../engine/errors.js';

export interface ExitCode {
  readonly code: number;
  readonly name: string;
  /** One sentence, as the documentation prints it. */
  readonly meaning: string;
}

/** By number. Codes that no error kind maps to are outcomes that a command reports by itself. */
export const exitCodes = [
  { code: 0, name: 'done', meaning: 'Done.' },
  {
    code: 1,
    name: 'bug',
    meaning: 'A bug, in oncectl or in a handler; the only error with a stack.',
  },
  { code: 2, name: 'usage', meaning: 'The command line, or a message given to it, is wrong.' },
  { code: 3, name: 'declined', meaning: 'You said no when asked.' },
  { code: 4, name: 'refused', meaning: 'Read-only, protected, or nobody at a terminal to ask.' },
  { code: 5, name: 'not-found', meaning: 'No such run or message, or more than one matches.' },
  { code: 6, name: 'unavailable', meaning: 'A store is unreachable, denied, full or unreadable.' },
  { code: 7, name: 'partial', meaning: 'Done in part.' },
  {
    code: 8,
    name: 'stale-plan',
    meaning: 'The plan is stale: the deployment is no longer the one planned for.',
  },
  { code: 10, name: 'findings', meaning: 'Something was found; only with --check.' },
  { code: 97, name: 'violated', meaning: 'Correctness violated: lost, applied twice or leaked.' },
  { code: 98, name: 'regression', meaning: 'Worse than the baseline, by --fail-on.' },
  { code: 99, name: 'threshold', meaning: 'A threshold of the profile was missed.' },
  { code: 103, name: 'invalid', meaning: 'The run is invalid, so its thresholds are not judged.' },
  { code: 104, name: 'profile', meaning: 'A profile cannot be found, read or understood.' },
  { code: 105, name: 'aborted', meaning: 'Aborted; a partial report is written.' },
  { code: 130, name: 'interrupted', meaning: 'Ctrl-C, in a command other than bench run.' },
  { code: 143, name: 'terminated', meaning: 'SIGTERM, in a command other than bench run.' },
] as const satisfies readonly ExitCode[];

export type ExitName = (typeof exitCodes)[number]['name'];

/** Number of a named exit code. */
export function exitCode(name: ExitName): number {
  const found = exitCodes.find((code) => code.name === name);
  if (found === undefined) throw new RangeError(`no exit code is named ${name}`);
  return found.code;
}

export interface ErrorMeaning {
  readonly exit: ExitName;
  readonly meaning: string;
}

/** Every kind of error: what it means, and how the process ends when one reaches the user. */
export const errorKinds: Readonly<Record<ErrorKind, ErrorMeaning>> = {
  usage: { exit: 'usage', meaning: 'The command line is wrong.' },
  profile: { exit: 'profile', meaning: 'A profile cannot be found, read or understood.' },
  declined: { exit: 'declined', meaning: 'The question was answered with no.' },
  refused: { exit: 'refused', meaning: 'Not allowed here: read-only, protected, or no terminal.' },
  'stale-plan': {
    exit: 'stale-plan',
    meaning: 'The plan expired, or is for another deployment or other programs.',
  },
  'not-found': { exit: 'not-found', meaning: 'There is no such run, message, code or schema.' },
  ambiguous: { exit: 'not-found', meaning: 'More than one thing has this id or prefix.' },
  unreachable: { exit: 'unavailable', meaning: 'A store or a file cannot be reached.' },
  denied: { exit: 'unavailable', meaning: 'The store or the file system denies access.' },
  'disk-full': { exit: 'unavailable', meaning: 'The disk is full; nothing was acknowledged.' },
  'map-full': { exit: 'unavailable', meaning: 'An embedded store reached its largest size.' },
  'read-only': { exit: 'unavailable', meaning: "A store's folder cannot be written." },
  format: {
    exit: 'unavailable',
    meaning: 'A file is foreign, damaged or from another version of oncectl.',
  },
  timeout: { exit: 'unavailable', meaning: 'No answer in time.' },
  conflict: {
    exit: 'unavailable',
    meaning: 'A conditional write lost its race; nothing was done.',
  },
  'too-large': { exit: 'usage', meaning: 'A message is larger than its queue takes.' },
  'invalid-message': { exit: 'usage', meaning: 'A message has no destination or forbidden bytes.' },
  handler: { exit: 'bug', meaning: "A handler threw an error; the handler's code is at fault." },
  'generator-behind': { exit: 'invalid', meaning: 'The load generator fell behind its schedule.' },
  'worker-lost': { exit: 'invalid', meaning: 'A pool of workers was lost.' },
  aborted: { exit: 'aborted', meaning: 'Stopped by the user; what was done so far is kept.' },
  partial: { exit: 'partial', meaning: 'Some items were done and some were not.' },
  bug: { exit: 'bug', meaning: 'Something nobody foresaw.' },
};

/** How the process ends when an error of this kind reaches the user. */
export function exitCodeOf(kind: ErrorKind): number {
  return exitCode(errorKinds[kind].exit);
}

/** Name of a kind in `oncectl/error/v1`: `not-found` is `NOT_FOUND`. */
export function errorName(kind: ErrorKind): string {
  return kind.toUpperCase().replaceAll('-', '_');
}

const gravest: readonly ExitName[] = [
  'violated',
  'aborted',
  'invalid',
  'threshold',
  'regression',
  'partial',
];

/** The one code of several outcomes: the gravest of them, `done` when there is none. */
export function gravestExit(outcomes: readonly ExitName[]): number {
  const name = gravest.find((candidate) => outcomes.includes(candidate));
  return exitCode(name ?? outcomes.find((outcome) => outcome !== 'done') ?? 'done');
}
