import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../src/dev/postgres.js';
import type { RunningServer } from '../../src/dev/server.js';
import { temporaryFolder } from '../servers/temporary-folder.js';
import { listeningAddresses, loopback } from './listening.js';

async function query(server: RunningServer, text: string, user = 'oncectl'): Promise<unknown[]> {
  const { port } = server;
  const client = new Client({ host: '127.0.0.1', port, user, database: 'oncectl' });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe.each(['14', '18'] as const)('PostgreSQL %s', (version) => {
  let folder = '';
  let server: RunningServer;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await startPostgres({ folder: join(folder, 'server'), version });
  });

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('is of that version, durable, and takes 100 connections', async () => {
    const settings = await query(
      server,
      `SELECT split_part(current_setting('server_version'), '.', 1) AS version,
              current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync,
              current_setting('max_connections') AS connections`,
    );
    expect(settings).toEqual([{ version, fsync: 'on', sync: 'on', connections: '100' }]);
  });

  it('listens on loopback only', () => {
    expect(listeningAddresses(server.port)).toEqual([loopback]);
  });

  it('gives an unprivileged role a database in which it may create', async () => {
    const [role] = await query(
      server,
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
         FROM pg_roles WHERE rolname = current_user`,
    );
    expect(new Set(Object.values(role as object))).toEqual(new Set([false]));
    await query(server, 'CREATE SCHEMA mine; CREATE TABLE mine.facts (n int)');
    await expect(query(server, 'CREATE DATABASE another')).rejects.toThrow('permission denied');
    await expect(query(server, 'CREATE ROLE another', 'postgres')).resolves.toEqual([]);
  });

  it.each(['kill', 'clean'] as const)('keeps port and data when restarted: %s', async (how) => {
    await query(server, `CREATE TABLE before_${how} AS SELECT 1 AS n`);
    const { port, pid } = server;
    await server.restart(how);
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await query(server, `SELECT n FROM before_${how}`)).toEqual([{ n: 1 }]);
  });
});

describe('a second PostgreSQL', () => {
  it('that is given a taken port says so', async () => {
    const folder = temporaryFolder();
    const first = await startPostgres({ folder: join(folder, 'a'), version: '18' });
    try {
      const { port } = first;
      const second = startPostgres({ folder: join(folder, 'b'), version: '18', port });
      await expect(second).rejects.toMatchObject({
        kind: 'unreachable',
        message: expect.stringMatching(/did not start on port \d+: .*already in use/),
      });
    } finally {
      await first.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
