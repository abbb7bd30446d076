/**
 * Where the server is: a URL, or the PG* environment variables as libpq takes them. A password stays
 * in what is handed to the client library and appears nowhere else.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ClientConfig } from 'pg';
import { OncectlError } from '../../engine/errors.js';

export interface Address {
  readonly config: ClientConfig;
  /** Host, port and database, for messages. */
  readonly shown: string;
  /** How TLS is negotiated; `prefer` falls back to plain text when the server has none. */
  readonly tls: Tls;
}

export type Tls = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

const tlsModes: Readonly<Record<string, Tls>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};

/** Rejects with `profile` when the URL cannot be read. */
export function addressOf(url: string | null): Address {
  const parsed = url === null ? null : urlOf(url);
  const given = parsed?.searchParams ?? new URLSearchParams();
  const { env } = process;
  const named = nonEmpty(parsed?.hostname)?.replace(/^\[|\]$/g, '');
  const host = given.get('host') ?? named ?? env['PGHOST'] ?? 'localhost';
  const port = Number(nonEmpty(parsed?.port) ?? given.get('port') ?? env['PGPORT'] ?? 5432);
  const user = decoded(parsed?.username) ?? env['PGUSER'] ?? userInfo().username;
  const database = decoded(parsed?.pathname.slice(1)) ?? env['PGDATABASE'] ?? user;
  const password = decoded(parsed?.password) ?? env['PGPASSWORD'];
  const mode = given.get('sslmode') ?? env['PGSSLMODE'] ?? 'prefer';
  const tls = host.startsWith('/') ? 'disable' : (tlsModes[mode] ?? 'prefer');
  const options = given.get('options') ?? env['PGOPTIONS'];
  return {
    config: {
      host,
      port,
      user,
      database,
      ...(password === undefined ? {} : { password }),
      ...(options === undefined ? {} : { options }),
      connectionTimeoutMillis: connectSeconds(env['PGCONNECT_TIMEOUT']) * 1000,
      keepAlive: true,
    },
    shown: `${host}:${port}/${database}`,
    tls,
  };
}

/** pg's `ssl` for a mode, as libpq understands it: `require` encrypts and checks nobody. */
export function sslOf(tls: Tls): ClientConfig['ssl'] {
  if (tls === 'disable') return false;
  const file = process.env['PGSSLROOTCERT'];
  const ca = file === undefined ? {} : { ca: readFileSync(file, 'utf8') };
  if (tls === 'verify-full') return { ...ca };
  if (tls === 'verify-ca') return { ...ca, checkServerIdentity: () => undefined };
  return { rejectUnauthorized: false };
}

function urlOf(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new OncectlError('profile', 'the address of the PostgreSQL server is not a URL', {
      hint: 'postgres://USER@HOST:PORT/DATABASE, or nothing, and the PG* environment variables',
    });
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function decoded(text: string | undefined): string | undefined {
  const given = nonEmpty(text);
  return given === undefined ? undefined : decodeURIComponent(given);
}

function connectSeconds(text: string | undefined): number {
  const seconds = Number(text ?? 0);
  return seconds > 0 ? seconds : 10;
}
