/** What an exit code or an error code means. */
import type { ErrorKind } from '../engine/errors.js';
import { OncectlError } from '../engine/errors.js';
import { errorKinds, errorName, exitCode, exitCodes } from './exit-codes.js';

export interface Explanation {
  /** As it was asked for: `5` or `NOT_FOUND`. */
  readonly code: string;
  readonly exit: number;
  readonly meaning: string;
  /** Error codes that end the process with this exit code. */
  readonly errors: readonly { readonly code: string; readonly meaning: string }[];
}

/**
 * Explains an exit code (`5`) or an error code (`NOT_FOUND`, `not-found`).
 *
 * @throws OncectlError `not-found` when there is no such code
 */
export function explain(code: string): Explanation {
  const exit = exitCodes.find((candidate) => String(candidate.code) === code);
  if (exit !== undefined)
    return { code, exit: exit.code, meaning: exit.meaning, errors: raising(exit.code) };
  const kind = kinds().find(
    (candidate) => errorName(candidate) === code.toUpperCase().replaceAll('-', '_'),
  );
  if (kind !== undefined) return explainKind(kind);
  throw new OncectlError('not-found', `there is no code ${code}`, {
    about: code,
    hint: 'oncectl explain without a code lists all of them',
  });
}

/** Every exit code, explained. */
export function explainAll(): Explanation[] {
  return exitCodes.map(({ code }) => explain(String(code)));
}

function explainKind(kind: ErrorKind): Explanation {
  const { exit, meaning } = errorKinds[kind];
  return { code: errorName(kind), exit: exitCode(exit), meaning, errors: [] };
}

function raising(exit: number): Explanation['errors'] {
  return kinds()
    .filter((kind) => exitCode(errorKinds[kind].exit) === exit)
    .map((kind) => ({ code: errorName(kind), meaning: errorKinds[kind].meaning }));
}

function kinds(): ErrorKind[] {
  return Object.keys(errorKinds) as ErrorKind[];
}

/** An explanation as prose. */
export function explanationText(explanation: Explanation): string {
  const head =
    explanation.code === String(explanation.exit)
      ? `exit code ${explanation.exit}: ${explanation.meaning}`
      : `${explanation.code} (exit code ${explanation.exit}): ${explanation.meaning}`;
  const errors = explanation.errors.map(({ code, meaning }) => `  ${code}: ${meaning}`);
  return [head, ...errors].join('\n');
}
