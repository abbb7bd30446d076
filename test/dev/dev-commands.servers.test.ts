import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerRecord } from '../../src/dev/records.js';
import { temporaryFolder } from '../servers/temporary-folder.js';
import { type Ended, runCli } from '../terminal/run-cli.js';

let folder = '';
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(async () => {
  await dev('down', '--clean');
  rmSync(folder, { recursive: true });
});

const dev = (...args: string[]): Promise<Ended> => runCli(['dev', ...args], { cwd: folder });

async function servers(command: 'up' | 'status'): Promise<(ServerRecord & { running: boolean })[]> {
  const { stdout } = await dev(command, '--json');
  return JSON.parse(stdout).data.servers;
}

/** The variables that a shell has after `eval`. */
function variables(stdout: string): Record<string, string> {
  const lines = stdout.trim().split('\n');
  const pairs = lines.map((line) => /^export (\w+)=([\w./:-]+)$/.exec(line));
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? 'no export', pair?.[2] ?? '']));
}

async function query(environment: Record<string, string>, text: string): Promise<unknown[]> {
  const client = new Client({
    host: environment['PGHOST'] ?? '',
    port: Number(environment['PGPORT']),
    user: environment['PGUSER'] ?? '',
    database: environment['PGDATABASE'] ?? '',
  });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function buckets(environment: Record<string, string>): Promise<unknown> {
  const client = new S3Client({
    endpoint: environment['AWS_ENDPOINT_URL_S3'] ?? '',
    region: environment['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
    forcePathStyle: true,
  });
  try {
    return (await client.send(new ListBucketsCommand({}))).Buckets ?? [];
  } finally {
    client.destroy();
  }
}

describe('oncectl dev', () => {
  it('knows no servers in a folder where none was started', async () => {
    expect(await servers('status')).toEqual([]);
    expect(await dev('down')).toMatchObject({ code: 0, stdout: 'No server was running.\n' });
    expect(existsSync(join(folder, '.oncectl'))).toBe(false);
  });

  it('starts servers that outlive it, and prints what makes clients find them', async () => {
    const { code, stdout, stderr } = await dev('up', 'postgres', 'sqs-s3');
    expect(code, stderr).toBe(0);
    const environment = variables(stdout);
    expect(await query(environment, 'CREATE TABLE kept AS SELECT 7 AS n')).toEqual([]);
    expect(await buckets(environment)).toEqual([]);
    const states = await servers('status');
    expect(states.map(({ name, running }) => [name, running])).toEqual([
      ['postgres-18', true],
      ['sqs-s3', true],
    ]);
  });

  it('leaves what runs as it is, prints the same, and starts what is missing', async () => {
    const before = await servers('status');
    const [first, again] = [await dev('up', 'postgres'), await dev('up', 'postgres')];
    expect(again).toEqual({ code: 0, stdout: first.stdout, stderr: '' });
    const up = await servers('up');
    expect(up).toHaveLength(3);
    const after = await servers('status');
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.filter(({ running }) => running)).toHaveLength(3);
  });

  it('starts a server that was killed again, on its port, with its data', async () => {
    const postgres = (await servers('status')).find(({ name }) => name === 'postgres-18');
    process.kill(postgres?.pid ?? 0, 'SIGKILL');
    const { stdout } = await dev('up', 'postgres');
    const environment = variables(stdout);
    expect(environment['PGPORT']).toBe(String(postgres?.port));
    expect(await query(environment, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('stops all, and starts them again with their data', async () => {
    const { code, stdout } = await dev('down');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Stopped dynamodb(-local)?, postgres-18, sqs-s3\.\n$/),
    });
    expect((await servers('status')).map(({ running }) => running)).toEqual([false, false, false]);
    const environment = variables((await dev('up', 'postgres')).stdout);
    expect(await query(environment, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('removes their data when asked to', async () => {
    await dev('down', '--clean');
    expect(existsSync(join(folder, '.oncectl', 'dev'))).toBe(false);
    expect(await servers('status')).toEqual([]);
  });

  it('starts a server once when two ask for it at the same time', async () => {
    const [one, other] = await Promise.all([dev('up', 'sqs-s3'), dev('up', 'sqs-s3')]);
    expect(one.code, one.stderr).toBe(0);
    expect(other.stdout).toBe(one.stdout);
    expect(await servers('status')).toHaveLength(1);
  });

  it('passes over the lock of a command that was killed', async () => {
    const lock = join(folder, '.oncectl', 'dev', 'lock');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, started: 'long ago' }));
    expect(await dev('down')).toMatchObject({ code: 0, stdout: 'Stopped sqs-s3.\n' });
    expect(existsSync(lock)).toBe(false);
  });

  it('says that a file is not its own', async () => {
    await dev('down', '--clean');
    await dev('up', 'sqs-s3');
    await dev('down');
    writeFileSync(join(folder, '.oncectl', 'dev', 'servers.json'), '{');
    const { code, stderr } = await dev('status');
    expect(code).toBe(6);
    expect(stderr).toContain('not a list of servers');
    rmSync(join(folder, '.oncectl'), { recursive: true });
  });

  it('refuses a server that it does not know', async () => {
    const { code, stderr } = await dev('up', 'mysql');
    expect(code).toBe(2);
    expect(stderr).toContain('expected mysql to be one of: postgres, sqs-s3, dynamodb');
  });
});
