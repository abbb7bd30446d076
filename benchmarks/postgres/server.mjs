/**
 * A PostgreSQL 18 of a benchmark's own: durable, on loopback, its data in the temporary folder and gone
 * with it. Databases are made and dropped by the superuser and belong to the role `oncectl`, which has
 * no other privilege.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { cpuSecondsOf } from '../../dist/src/backends/postgres/server-processes.js';
import { startServer } from '../../dist/src/dev/start.js';
import { install, isInstalled } from '../../servers/install.mjs';
import { folderOf } from './folder-of.mjs';

/** Runs `use` with a server; it is stopped and its data removed however that ends. */
export async function withPostgres(use) {
  await installed(folderOf('servers'), 'the servers');
  const folder = mkdtempSync(join(tmpdir(), 'oncectl-bench-'));
  // PostgreSQL does not run as root: whoever it runs as must get to its data.
  chmodSync(folder, 0o711);
  const server = await startServer('postgres-18', { folder: join(folder, 'postgres') });
  try {
    return await use(new Postgres(server, folder));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs the packages of a folder by its lockfile when they are not there. */
export async function installed(folder, what) {
  if (isInstalled(folder)) return;
  process.stderr.write(`installing ${what} (npm ci)\n`);
  if ((await install(folder)) !== 0) throw new Error(`${what} cannot be installed in ${folder}`);
}

class Postgres {
  #server;

  constructor(server, folder) {
    this.#server = server;
    this.folder = folder;
  }

  urlOf(database, role = 'oncectl') {
    return `postgres://${role}@127.0.0.1:${this.#server.port}/${database}`;
  }

  /** Processor time of the postmaster and all its children, the dead ones too, in seconds. */
  cpuSeconds() {
    return cpuSecondsOf(this.#server.pid);
  }

  /** Runs `use` with settings that take a restart, which another one takes back. */
  async withSettings(settings, use) {
    const change = (sqlOf) =>
      this.asAdmin('postgres', async (client) => {
        for (const [name, value] of Object.entries(settings))
          await client.query(sqlOf(name, value));
      });
    await change((name, value) => `alter system set ${name} = '${value}'`);
    await this.#server.restart('clean');
    try {
      return await use();
    } finally {
      await change((name) => `alter system reset ${name}`);
      await this.#server.restart('clean');
    }
  }

  /** Runs `use` with a database that exists for it alone. */
  async withDatabase(name, use) {
    await this.asAdmin('postgres', (client) =>
      client.query(`create database ${name} owner oncectl`),
    );
    try {
      return await use(this.urlOf(name));
    } finally {
      await this.asAdmin('postgres', (client) =>
        client.query(`drop database ${name} with (force)`),
      );
    }
  }

  /** Runs `use` with a connection of the superuser. */
  async asAdmin(database, use) {
    return await withClient(this.urlOf(database, 'postgres'), use);
  }
}

export async function withClient(connectionString, use) {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
