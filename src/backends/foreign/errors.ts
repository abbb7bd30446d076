/** Names what the server of a foreign outbox answers; no SQLSTATE leaves this folder. */
import { type ErrorKind, type Happened, OncectlError } from '../../engine/errors.js';

interface Named {
  readonly codes: RegExp;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
}

const named: readonly Named[] = [
  {
    codes: /^42501$/,
    kind: 'denied',
    what: 'the PostgreSQL user may not do that with the table',
    hint: 'listing takes SELECT on it and USAGE on its schema; repairing takes UPDATE, too',
  },
  {
    codes: /^25006$/,
    kind: 'read-only',
    what: 'the PostgreSQL server takes no writes (a standby, or read-only by its settings)',
    hint: 'name the primary in the outbox’s url',
  },
  {
    codes: /^(57014|55P03|25P03)$/,
    kind: 'timeout',
    what: 'the PostgreSQL server gave up a statement that took too long',
    hint: 'look for what holds locks on the table, and for an index on what is not dispatched',
  },
  {
    codes: /^(22|23|42|3F|0A)/,
    kind: 'format',
    what: 'the table is not as it is expected to be',
    hint: 'docs/records.md says what each kind of outbox must have',
  },
  {
    codes: /^(40|53)/,
    kind: 'unreachable',
    what: 'the PostgreSQL server could not carry it out now',
    hint: 'try again',
  },
  {
    codes: /^(08|57P|E[A-Z]+$|$)/,
    kind: 'unreachable',
    what: 'the connection to the PostgreSQL server was lost',
    hint: 'try again; a row that was taken is free as soon as the server notices',
  },
];

/** A text that is no id of the table's: a number, a UUID was expected. */
export function isNoId(thrown: unknown): boolean {
  return ['22P02', '22003', '22007', '22008'].includes(codeOf(thrown));
}

/**
 * The error to show. What the server answered with an error did not take place; after a lost
 * connection it is the caller's `sent`.
 */
export function foreignError(thrown: unknown, about: string, sent: Happened): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const code = codeOf(thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const found = named.find(({ codes }) => codes.test(code));
  const isAnswer = (thrown as { severity?: unknown } | null)?.severity !== undefined;
  return new OncectlError(found?.kind ?? 'bug', found?.what ?? `PostgreSQL failed: ${text}`, {
    about: `${about}: ${text}`,
    happened: isAnswer && !/^(08|57P)/.test(code) ? 'no' : sent,
    ...(found ? { hint: found.hint } : {}),
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
