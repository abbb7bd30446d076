/** Of the walk through all commands, what needs a server: PostgreSQL, SQS and S3, and those of `dev up`. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { urlOf, withClient } from '../backends/postgres-fixtures.js';
import { id } from '../conformance/fixtures.js';
import { environmentOf } from '../servers/provided.js';
import { temporaryFolder } from '../servers/temporary-folder.js';
import { onServers } from './all-commands/examples.js';
import { legacy, profileOf } from './all-commands/prepared.js';
import { validated } from './all-commands/strict-schema.js';
import { wordsOf } from './all-commands/words.js';
import { runCli } from './run-cli.js';

const patience = 120_000;
const table = `outgoing_${id().toLowerCase()}`;
const schemas: Readonly<Record<string, string>> = {
  'doctor classic --backend sqs-s3 --check': 'doctor',
  'deploy up classic --backend postgres': 'deploy.up',
  'outbox list -p shop.yaml --outbox legacy': 'outbox.list.foreign',
  'outbox repair -p shop.yaml --outbox legacy --dry-run': 'outbox.repair.plan',
  'dev up': 'dev.up',
  'dev up postgres': 'dev.up',
  'dev up --json': 'dev.up',
};

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await withClient(urlOf(), async (client) => {
    await client.query(
      `create table ${table} (id text primary key, body jsonb, kind text, customer text,
         created timestamptz, state text)`,
    );
    await client.query(
      `insert into ${table} values ('r1', '{"amount":12}', 'Paid', 'c1', now() - interval '1 h', 'NEW')`,
    );
  });
  const outboxes = [{ ...legacy, table, url: urlOf() }];
  writeFileSync(join(folder, 'shop.yaml'), JSON.stringify(profileOf('shop', { outboxes })));
  expect((await runCli(['deploy', 'up', 'shop.yaml'], { cwd: folder })).code).toBe(0);
});
afterAll(async () => {
  await runCli(['deploy', 'down', 'classic', '--backend', 'postgres', '--yes'], where());
  await runCli(['dev', 'down', '--clean'], { cwd: folder });
  await withClient(urlOf(), (client) => client.query(`drop table ${table}`));
  rmSync(folder, { recursive: true });
});

const where = () => ({
  cwd: folder,
  env: { ...environmentOf('postgres-18'), ...environmentOf('sqs-s3') },
});

async function printed(line: string) {
  const { code, stdout, stderr } = await runCli([...wordsOf(line), '--json'], where());
  const { name, document } = validated(stdout);
  // 10: classic is not deployed on SQS and S3 here, and doctor says so.
  expect(name === 'doctor' ? [0, 10] : [0], stderr).toContain(code);
  return { name, data: document['data'] };
}

it.each(onServers)(
  'the example runs: %s',
  async (line) => {
    const { name, data } = await printed(line.replace(' --json', ''));
    expect(name).toBe(schemas[line]);
    expect(data).not.toEqual([]);
  },
  patience,
);

describe('also', () => {
  it('a row of an outbox of another library, and none', async () => {
    const show = 'outbox show r1 -p shop.yaml --outbox legacy';
    expect((await printed(show)).name).toBe('outbox.show.foreign');
    expect(await printed(`${show} --body`)).toMatchObject({
      data: { messages: [{ body: { encoding: 'json', value: { amount: 12 } } }] },
    });
    const none = await printed('outbox list -p shop.yaml --outbox legacy --older 2h');
    expect(none).toEqual({ name: 'outbox.list.foreign', data: [] });
  });

  it(
    'servers that run, and that are stopped',
    async () => {
      const { name, data } = await printed('dev status');
      expect(name).toBe('dev.status');
      expect((data as { servers: unknown[] }).servers.length).toBeGreaterThan(0);
      const down = await printed('dev down');
      expect(down.name).toBe('dev.down');
      expect(down.data).not.toMatchObject({ stopped: [] });
    },
    patience,
  );
});
