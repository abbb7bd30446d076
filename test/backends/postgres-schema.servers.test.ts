import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres, postgresProvisioner } from '../../src/backends/postgres/index.js';
import { schemaVersion } from '../../src/backends/postgres/migrations/index.js';
import type { Finding, Provisioner } from '../../src/engine/backend.js';
import { refusal } from '../conformance/fixtures.js';
import { allPorts, asSuperuser, freshSchema, urlOf, withClient } from './postgres-fixtures.js';

let schema: string;
let provisioner: Provisioner;

beforeEach(() => {
  schema = freshSchema();
  provisioner = postgresProvisioner({ url: urlOf(), schema });
});

afterEach(async () => {
  await provisioner.close();
  await asSuperuser(`drop schema if exists ${schema} cascade`);
});

const open = () =>
  openPostgres({
    ports: allPorts,
    url: urlOf(),
    schema,
    worker: 'w',
    retentionMs: 1000,
    maintain: false,
  });

async function stateOf(): Promise<string | undefined> {
  return (await provisioner.inspect())[0]?.state;
}

const sql = (text: string) => withClient(urlOf(), (client) => client.query(text));

describe('the schema of a deployment on PostgreSQL', () => {
  it('is missing, is made by an unprivileged role, made again without a word, and removed', async () => {
    expect(await stateOf()).toBe('missing');
    const told: string[] = [];
    await provisioner.create(({ name, state }) => told.push(`${name} ${state}`));
    await provisioner.create(({ name, state }) => told.push(`${name} ${state}`));
    expect(told).toEqual([`${schema} ready`]);
    expect(await stateOf()).toBe('ready');
    await provisioner.remove(({ name, state }) => told.push(`${name} ${state}`));
    await provisioner.remove(({ name, state }) => told.push(`${name} ${state}`));
    expect(told).toEqual([`${schema} ready`, `${schema} missing`]);
    expect(await stateOf()).toBe('missing');
  });

  it('is made once by eight that create at the same time', async () => {
    const creators = Array.from({ length: 8 }, () => postgresProvisioner({ url: urlOf(), schema }));
    let made = 0;
    await Promise.all(creators.map((one) => one.create(() => made++)));
    await Promise.all(creators.map((one) => one.close()));
    expect(made).toBe(1);
    await (await open()).close();
  });

  it('that is missing is an error with the command that makes it', async () => {
    const error = await refusal(open());
    expect([error.kind, error.happened]).toEqual(['format', 'no']);
    expect(error.hint).toContain('oncectl deploy up');
  });

  it('of an older version is refused by the ports, and upgraded by create', async () => {
    await sql(`create schema ${schema};
      create table ${schema}.oncectl_schema (version integer not null);
      insert into ${schema}.oncectl_schema values (0)`);
    expect(await stateOf()).toBe('outdated');
    expect((await refusal(open())).hint).toContain('oncectl deploy up');
    await sql(`drop table ${schema}.oncectl_schema`);
    await provisioner.create();
    expect(await stateOf()).toBe('ready');
  });

  it('of a newer version is refused by the ports and by create, and stays as it is', async () => {
    await provisioner.create();
    await sql(`update ${schema}.oncectl_schema set version = ${schemaVersion + 1}`);
    expect(await stateOf()).toBe('wrong');
    for (const error of [await refusal(open()), await refusal(provisioner.create())]) {
      expect([error.kind, error.happened]).toEqual(['format', 'no']);
      expect(error.hint).toContain('newer oncectl');
    }
    const { rows } = await sql(`select version from ${schema}.oncectl_schema`);
    expect(rows).toEqual([{ version: schemaVersion + 1 }]);
  });

  it('that holds foreign tables is neither used, nor filled, nor removed', async () => {
    await sql(`create schema ${schema}; create table ${schema}.invoices (id int)`);
    expect(await stateOf()).toBe('wrong');
    for (const attempt of [open, () => provisioner.create(), () => provisioner.remove()]) {
      expect((await refusal(attempt())).kind).toBe('format');
    }
    const { rows } = await sql(`select relname from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = '${schema}'`);
    expect(rows).toEqual([{ relname: 'invoices' }]);
  });

  it('may be made empty by an administrator; removing takes our tables and leaves it', async () => {
    await asSuperuser(
      `create schema ${schema}; grant create, usage on schema ${schema} to oncectl`,
    );
    expect(await stateOf()).toBe('missing');
    await provisioner.create();
    await (await open()).close();
    await provisioner.remove();
    const { rows } = await sql(`select count(*)::int as left from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = '${schema}'`);
    expect(rows).toEqual([{ left: 0 }]);
  });

  it('may not have a name that needs quotes', () => {
    for (const name of ['', 'Orders', 'a-b', 'pg_own', '1st', 'a"; drop table x; --']) {
      expect(() => postgresProvisioner({ url: urlOf(), schema: name })).toThrow(/is no name/);
    }
  });
});

describe('the examination of a PostgreSQL server', () => {
  async function findings(): Promise<Finding[]> {
    const found: Finding[] = [];
    for await (const one of provisioner.examine()) found.push(one);
    return found;
  }

  it('finds nothing to object to where all is well', async () => {
    await provisioner.create();
    const found = await findings();
    expect(found.map(({ verdict }) => verdict)).toEqual(found.map(() => 'ok'));
    expect(found.find(({ what }) => what.startsWith('durability'))?.detail).toContain('fsync on');
    expect(found.find(({ what }) => what.startsWith('clock'))?.detail).toMatch(/^-?\d+ ms$/);
  });

  it('tells a missing schema, and what makes it', async () => {
    const broken = (await findings()).filter(({ verdict }) => verdict === 'breaks');
    expect(broken.map(({ what }) => what)).toEqual([`schema ${schema}`]);
    expect(broken[0]?.hint).toContain('oncectl deploy up');
  });

  it('tells tables that the role may not write', async () => {
    await provisioner.create();
    await asSuperuser(`alter table ${schema}.queue owner to postgres`);
    const broken = (await findings()).filter(({ verdict }) => verdict === 'breaks');
    expect(broken.map(({ what }) => what)).toEqual(['permissions of oncectl']);
  });
});
