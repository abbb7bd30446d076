/** An error as a person reads it on stderr, and as a program reads it on stdout. */
import type { OncectlError } from '../engine/errors.js';
import type { ErrorDocument } from './documents/error.js';
import { errorName, exitCodeOf } from './exit-codes.js';
import { unfinishedStream } from './stream.js';

export interface RenderedError {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const reportHint =
  'please report this bug: add the text above, the command line and `oncectl version --json`';

/** The error as one document. No stack and no cause: a program has no use for them. */
export function errorDocument(error: OncectlError): ErrorDocument {
  return {
    schema: 'oncectl/error/v1',
    error: {
      code: errorName(error.kind),
      exit: exitCodeOf(error.kind),
      message: error.message,
      about: error.about ?? null,
      happened: error.happened,
      hint: hintOf(error) ?? null,
    },
  };
}

/**
 * What to write where. Under `--json` stdout gets one line: the last one of an unfinished stream, a
 * document of its own otherwise. A stack goes to stderr, and only for a bug.
 */
export function renderError(
  error: OncectlError,
  options: { readonly json: boolean; readonly color: boolean },
): RenderedError {
  const exit = exitCodeOf(error.kind);
  const stack = stackOf(error);
  if (!options.json) return { exit, stdout: '', stderr: errorText(error, stack, options.color) };
  const document = errorDocument(error);
  const stream = unfinishedStream();
  if (stream === undefined) return { exit, stdout: `${JSON.stringify(document)}\n`, stderr: stack };
  stream.emit('error', document.error);
  return { exit, stdout: '', stderr: stack };
}

function errorText(error: OncectlError, stack: string, color: boolean): string {
  const lines = [`${color ? '\u001b[31merror:\u001b[39m' : 'error:'} ${error.message}`];
  if (error.about !== undefined) lines.push(`where: ${error.about}`);
  if (error.happened === 'unknown' && error.kind !== 'bug') {
    lines.push('state: it is not known whether this took effect');
  }
  const hint = hintOf(error);
  if (hint !== undefined) lines.push(`hint:  ${hint}`);
  return `${stack}${lines.join('\n')}\n`;
}

function hintOf(error: OncectlError): string | undefined {
  return error.hint ?? (error.kind === 'bug' ? reportHint : undefined);
}

function stackOf(error: OncectlError): string {
  if (error.kind !== 'bug') return '';
  const thrown = error.cause instanceof Error ? error.cause : error;
  return `${thrown.stack ?? thrown.message}\n`;
}
