/** Names the server's and the network's errors; no SQLSTATE leaves this folder. */
import { type ErrorKind, type Happened, OncectlError } from '../../engine/errors.js';

interface Named {
  readonly codes: readonly string[];
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
}

const deployUp = '`oncectl deploy up` makes the schema, or upgrades it';
const again = 'it is tried again; the store goes on where it stopped';

const named: readonly Named[] = [
  {
    codes: ['28P01', '28000'],
    kind: 'denied',
    what: 'the PostgreSQL server does not accept the user or the password',
    hint: 'check the user, the password (PGPASSWORD, or the URL) and pg_hba.conf of the server',
  },
  {
    codes: ['3D000'],
    kind: 'not-found',
    what: 'there is no database of that name on the PostgreSQL server',
    hint: 'create the database, or name another one in the URL or in PGDATABASE',
  },
  {
    codes: ['42501'],
    kind: 'denied',
    what: 'the PostgreSQL user lacks a permission',
    hint: 'to create the schema it needs CREATE on the database; to work, the tables of the schema',
  },
  {
    codes: ['3F000', '42P01', '42703', '42883', '0A000', '26000'],
    kind: 'format',
    what: 'the schema is missing, or is not one that this version of oncectl knows',
    hint: deployUp,
  },
  {
    codes: ['53100', '58030', '53000'],
    kind: 'disk-full',
    what: 'the disk of the PostgreSQL server is full, or failing',
    hint: 'free some space there; the store goes on where it stopped',
  },
  {
    codes: ['25006'],
    kind: 'read-only',
    what: 'the PostgreSQL server takes no writes (a standby, or read-only by its settings)',
    hint: 'connect to the primary, or set default_transaction_read_only = off',
  },
  {
    codes: ['53300'],
    kind: 'unreachable',
    what: 'the PostgreSQL server has no connection left',
    hint: 'raise max_connections there, or run fewer workers',
  },
  {
    codes: ['57014', '55P03', '25P03', '57P05'],
    kind: 'timeout',
    what: 'the PostgreSQL server gave up a statement that took too long',
    hint: 'look for what holds locks there, and at statement_timeout and lock_timeout',
  },
  {
    codes: ['40P01', '40001', '22012'],
    kind: 'timeout',
    what: 'the PostgreSQL server undid it over and over, in favour of others',
    hint: 'look for long transactions of others on the tables of the schema',
  },
  {
    codes: ['57P01', '57P02', '57P03'],
    kind: 'unreachable',
    what: 'the PostgreSQL server is starting or stopping',
    hint: again,
  },
  {
    codes: ['53200', '54000'],
    kind: 'too-large',
    what: 'the PostgreSQL server had not memory enough for it',
    hint: 'smaller bodies and states, or more memory there',
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    kind: 'unreachable',
    what: 'the name of the PostgreSQL server is not known',
    hint: 'check the host in the URL or in PGHOST',
  },
  {
    codes: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENOENT', 'EACCES'],
    kind: 'unreachable',
    what: 'the PostgreSQL server cannot be reached',
    hint: 'is it running, and are host and port right (the URL, or PGHOST and PGPORT)?',
  },
  {
    codes: ['ECONNRESET', 'EPIPE'],
    kind: 'unreachable',
    what: 'the connection to the PostgreSQL server was lost',
    hint: again,
  },
];

/**
 * Errors after which the same call may well pass: it lost a race for locks and was undone. A division by
 * zero is how a statement of ours says so.
 */
const undone: ReadonlySet<string> = new Set(['40P01', '40001', '22012']);

/** What a connection attempt may be repeated after, within a moment. */
const passing: ReadonlySet<string> = new Set([
  '53300',
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

export function wasUndone(thrown: unknown): boolean {
  return undone.has(codeOf(thrown));
}

export function mayPass(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return passing.has(code) || (code === '' && !isOurs(thrown));
}

/**
 * The error to show for whatever the client library threw. An error that the server answered, short of
 * a fatal one, undid the whole round trip: it did not happen. A fatal one, a lost connection and a
 * time-out are the caller's `sent`.
 */
export function serverError(thrown: unknown, about: string, sent: Happened): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const code = codeOf(thrown);
  const found = named.find(({ codes }) => codes.includes(code)) ?? lost(thrown, code);
  const happened = isAnswer(thrown) ? 'no' : sent;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (!found) {
    return new OncectlError('bug', `the PostgreSQL store failed: ${text}`, {
      about,
      happened,
      cause: thrown,
    });
  }
  const { kind, what, hint } = found;
  return new OncectlError(kind, what, {
    about: `${about}: ${text}`,
    happened,
    hint,
    cause: thrown,
  });
}

/** A client-side error without a code is about the connection; one with an unknown code is a bug. */
function lost(thrown: unknown, code: string): Named | undefined {
  if (code !== '' && !code.startsWith('08')) return undefined;
  const text = thrown instanceof Error ? thrown.message : '';
  const isTimeout = /timeout/i.test(text);
  return isTimeout || /connection|terminat|closed|queryable|SSL/i.test(text)
    ? named.find(({ codes }) => codes.includes(isTimeout ? 'ETIMEDOUT' : 'ECONNRESET'))
    : undefined;
}

/**
 * The server answered with an error and undid the transaction. The codes that end the connection too
 * say nothing about a commit before; severities are translated by the server, so codes decide.
 */
export function isAnswer(thrown: unknown): boolean {
  return /^(?!57P|08|28|3D|53300|XX)[0-9A-Z]{5}$/.test(codeOf(thrown)) && isFromServer(thrown);
}

function isFromServer(thrown: unknown): boolean {
  return (thrown as { severity?: unknown } | null)?.severity !== undefined;
}

function isOurs(thrown: unknown): boolean {
  return thrown instanceof OncectlError;
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
