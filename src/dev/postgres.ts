/**
 * PostgreSQL on this machine, durable as in production: `fsync` and synchronous commit stay on. The
 * role `oncectl` owns the database `oncectl` and has no other privilege; `postgres` is the superuser.
 * Both need no password: the server listens on loopback only.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { serversHome } from './home.js';
import { launch } from './launch.js';
import {
  isReachable,
  type PostgresVersion,
  postgresBinaries,
  postgresUser,
} from './postgres-binaries.js';
import { run } from './run.js';
import type { RunningServer, ServerOptions, ServerPlan } from './server.js';

export interface PostgresOptions extends ServerOptions {
  readonly version: PostgresVersion;
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  // A statement that fails is the client's to tell; a conflict is no news in a test.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

/** Starts PostgreSQL on 127.0.0.1; port and data survive a restart, also one by SIGKILL. */
export async function startPostgres(options: PostgresOptions): Promise<RunningServer> {
  const folder = resolve(options.folder);
  const binaries = postgresBinaries(serversHome(), options.version);
  mkdirSync(folder, { recursive: true });
  const data = join(placeOfData(folder), `data-${options.version}`);
  if (!existsSync(data)) await initialise(binaries, data);
  return await launch(planOf(folder, binaries, data, options.version), options);
}

function planOf(
  folder: string,
  binaries: string,
  data: string,
  version: PostgresVersion,
): ServerPlan {
  const set = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    name: `postgres-${version}`,
    folder,
    keepsData: true,
    tellsPort: false,
    readyLine: /ready to accept connections/,
    // After SIGKILL, until the last of its processes has noticed.
    busyLine: /pre-existing shared memory block|lock file .* already exists/,
    cleanSignal: 'SIGINT',
    orphanSignal: 'SIGQUIT',
    command: (port) => ({
      file: join(binaries, 'postgres'),
      args: ['-D', data, '-p', String(port), ...set],
      env: { LC_ALL: 'C' },
      user: postgresUser() ?? undefined,
    }),
    environment: (port) => ({
      PGHOST: '127.0.0.1',
      PGPORT: String(port),
      PGUSER: 'oncectl',
      PGDATABASE: 'oncectl',
    }),
  };
}

/**
 * The server's folder, or one in the temporary folder when the user that runs the server cannot get
 * there; a file in the server's folder then tells where.
 */
function placeOfData(folder: string): string {
  const user = postgresUser();
  if (user === null) return folder;
  if (isReachable(dirname(folder))) {
    chownSync(folder, user.uid, user.gid);
    return folder;
  }
  const pointer = join(folder, pointerName);
  if (existsSync(pointer)) return readFileSync(pointer, 'utf8');
  const elsewhere = mkdtempSync(join(tmpdir(), elsewhereName));
  chownSync(elsewhere, user.uid, user.gid);
  writeFileSync(pointer, elsewhere);
  return elsewhere;
}

const pointerName = 'data-is-in';
const elsewhereName = 'oncectl-postgres-data-';

/** Removes a server's folder, and its data where they lie elsewhere. */
export function removeData(folder: string): void {
  const pointer = join(folder, pointerName);
  const elsewhere = existsSync(pointer) ? readFileSync(pointer, 'utf8') : '';
  if (basename(elsewhere).startsWith(elsewhereName)) rmSync(elsewhere, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
}

/** Makes a cluster with role and database; it gets its name when it is complete. */
async function initialise(binaries: string, data: string): Promise<void> {
  const unfinished = mkdtempSync(`${data}-`);
  const user = postgresUser();
  if (user) chownSync(unfinished, user.uid, user.gid);
  chmodSync(unfinished, 0o700);
  try {
    const common = ['-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8'];
    await must(join(binaries, 'initdb'), ['-D', unfinished, ...common]);
    // In single-user mode, before anybody can connect; one statement a line.
    const statements = ['CREATE ROLE oncectl LOGIN', 'CREATE DATABASE oncectl OWNER oncectl'];
    await must(join(binaries, 'postgres'), ['--single', '-D', unfinished, 'postgres'], statements);
    renameSync(unfinished, data);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function must(file: string, args: readonly string[], lines: string[] = []): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C' };
  const input = lines.map((line) => `${line}\n`).join('');
  const { code, stderr } = await run(file, args, { cwd: '/', env, ...postgresUser() }, input);
  if (code === 0 && !/ERROR|FATAL/.test(stderr)) return;
  const said = stderr.trim().split('\n').at(-1);
  throw new OncectlError('unreachable', `cannot make a PostgreSQL cluster: ${said}`, {
    about: file,
  });
}
