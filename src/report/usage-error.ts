/** Turns what oclif throws about a command line into our own usage error. */
import { stripVTControlCharacters } from 'node:util';
import { asOncectlError, OncectlError } from '../engine/errors.js';
import { unknownFlag } from './command-line.js';

/** Anything thrown as an `OncectlError`: oclif's complaints as `usage`, the unforeseen as `bug`. */
export function asReportedError(thrown: unknown): OncectlError {
  if (thrown instanceof OncectlError || !isOclifError(thrown)) return asOncectlError(thrown);
  const [flag] = thrown.flags ?? [];
  if (typeof flag === 'string') return unknownFlag(flag, knownFlags(thrown));
  return new OncectlError('usage', plain(thrown.message), {
    hint: 'add --help to the command to see its flags',
    cause: thrown,
  });
}

interface OclifError extends Error {
  readonly oclif: unknown;
  readonly flags?: readonly unknown[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

function isOclifError(thrown: unknown): thrown is OclifError {
  return thrown instanceof Error && 'oclif' in thrown;
}

function knownFlags(error: OclifError): string[] {
  return Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`);
}

/** One line, first letter small, without oclif's colours and its own hint. */
function plain(message: string): string {
  const text = stripVTControlCharacters(message)
    .replace(/\n?See more help with --help\s*$/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
