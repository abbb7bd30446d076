/** Each way in which a server refuses is one clear error that says whether the effect happened. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/dev/server.js';
import { startServer } from '../../src/dev/start.js';
import type { OncectlError } from '../../src/engine/errors.js';
import { bytes, id, message, newEntity, refusal, same } from '../conformance/fixtures.js';
import {
  asSuperuser,
  create,
  freshSchema,
  open,
  type Stores,
  urlOf,
  withClient,
} from './postgres-fixtures.js';

function told({ kind, happened, hint, message: text }: OncectlError) {
  expect(hint ?? '').not.toBe('');
  expect(text).not.toMatch(/^\w+: /);
  return { kind, happened };
}

const notDone = (kind: string) => ({ kind, happened: 'no' });

describe('connecting to PostgreSQL', () => {
  const schema = freshSchema();
  beforeAll(() => create({ url: urlOf(), schema }));
  afterAll(() => asSuperuser(`drop schema ${schema} cascade`));

  it('where nobody listens is unreachable', async () => {
    const error = await refusal(open({ url: urlOf({ port: 1 }), schema }));
    expect(told(error)).toEqual(notDone('unreachable'));
    expect(error.about).toContain('127.0.0.1:1');
  });

  it('to a host without an address is unreachable', async () => {
    const url = 'postgres://oncectl@no-such-host.invalid/oncectl';
    expect(told(await refusal(open({ url, schema })))).toEqual(notDone('unreachable'));
  });

  it('to a database that does not exist says so', async () => {
    const error = await refusal(open({ url: urlOf({ database: 'nowhere' }), schema }));
    expect(told(error)).toEqual(notDone('not-found'));
    expect(error.about).toContain('nowhere');
  });

  it('as a role that does not exist is denied', async () => {
    const error = await refusal(open({ url: urlOf({ user: 'nobody_here' }), schema }));
    expect(told(error)).toEqual(notDone('denied'));
  });

  it('by something that is no URL is the profile’s mistake', async () => {
    expect((await refusal(open({ url: 'localhost', schema }))).kind).toBe('profile');
  });

  it('as a role that may not use the schema is denied', async () => {
    const role = `role_${schema}`;
    await asSuperuser(`create role ${role} login`);
    try {
      expect(told(await refusal(open({ url: urlOf({ user: role }), schema })))).toEqual(
        notDone('denied'),
      );
    } finally {
      await asSuperuser(`drop role ${role}`);
    }
  });

  it('beyond the last connection of the role is unreachable, and leaves none behind', async () => {
    const role = `role_${schema}`;
    await asSuperuser(`create role ${role} login connection limit 2 in role oncectl`);
    try {
      const error = await refusal(open({ url: urlOf({ user: role }), schema }));
      expect(told(error)).toEqual(notDone('unreachable'));
      expect(error.hint).toContain('max_connections');
    } finally {
      await asSuperuser(`drop role ${role}`);
    }
  });
});

describe('a password that is wrong', () => {
  let server: RunningServer;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oncectl-password-'));
    server = (await startServer('postgres-18', { folder })) as RunningServer;
    await withClient(urlOf({ user: 'postgres', port: server.port }), async (client) => {
      await client.query(`create role guarded login password 'right' in role oncectl`);
      const { rows } = await client.query('show hba_file');
      const file = String(rows[0].hba_file);
      const rules = readFileSync(file, 'utf8');
      writeFileSync(file, `host all guarded 127.0.0.1/32 scram-sha-256\n${rules}`);
      await client.query('select pg_reload_conf()');
    });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is denied, and appears in no part of the error; the right one passes', async () => {
    const schema = freshSchema();
    const url = (password: string) =>
      `postgres://guarded:${password}@127.0.0.1:${server.port}/oncectl`;
    const error = await refusal(create({ url: url('s3cret'), schema }));
    expect(told(error)).toEqual(notDone('denied'));
    expect(JSON.stringify({ ...error, text: error.message })).not.toContain('s3cret');
    await create({ url: url('right'), schema });
  });
});

describe('a statement that the server refuses', () => {
  const schema = freshSchema();
  let stores: Stores;
  beforeAll(async () => {
    await create({ url: urlOf(), schema });
    stores = await open({ url: urlOf(), schema });
  });
  afterAll(async () => {
    await stores.opened.close();
    await asSuperuser(`drop schema ${schema} cascade`);
  });

  /** Real errors of a real server, raised by a trigger on the table. */
  async function failingWith(code: string, table: string, work: () => Promise<void>) {
    await withClient(urlOf(), async (client) => {
      await client.query(`create function ${schema}.fail() returns trigger language plpgsql as
        $$ begin raise exception 'no room' using errcode = '${code}'; end $$;
        create trigger fail before insert or update on ${schema}.${table}
        execute function ${schema}.fail()`);
    });
    await work().finally(() => asSuperuser(`drop function ${schema}.fail() cascade`));
  }

  it.each([
    ['53100', 'disk-full'],
    ['42501', 'denied'],
    ['25006', 'read-only'],
    ['57014', 'timeout'],
    ['53200', 'too-large'],
  ])('with %s did not happen, and is of kind %s', async (code, kind) => {
    const key = id();
    await failingWith(code, 'entities', async () => {
      const commit = stores.business.commit('e', key, 0, { state: bytes('x') });
      expect(told(await refusal(commit))).toEqual(notDone(kind));
    });
    same(await stores.business.load('e', key, id()), newEntity());
    await stores.business.commit('e', key, 0, { state: bytes('x') });
  });

  it('because the session is read-only is of kind read-only', async () => {
    const role = `role_${schema}`;
    await asSuperuser(`create role ${role} login in role oncectl;
      alter role ${role} set default_transaction_read_only = on`);
    try {
      const error = await refusal(open({ url: urlOf({ user: role }), schema }));
      expect(told(error)).toEqual(notDone('read-only'));
    } finally {
      await asSuperuser(`drop role ${role}`);
    }
  });

  it('because it waited longer than statement_timeout did not happen', async () => {
    const role = `role_${schema}`;
    const key = id();
    await stores.business.commit('e', key, 0, { state: bytes('1') });
    await asSuperuser(`create role ${role} login in role oncectl;
      alter role ${role} set statement_timeout = '100ms'`);
    const impatient = await open({ url: urlOf({ user: role }), schema });
    try {
      await withClient(urlOf(), async (client) => {
        await client.query('begin');
        await client.query(`select * from ${schema}.entities where key = $1 for update`, [key]);
        const commit = impatient.business.commit('e', key, 1, { state: bytes('2') });
        expect(told(await refusal(commit))).toEqual(notDone('timeout'));
      });
      await impatient.business.commit('e', key, 1, { state: bytes('2') });
    } finally {
      await impatient.opened.close();
      await asSuperuser(`drop role ${role}`);
    }
  });

  it('in the middle of a deadlock is run again: both sides get through', async () => {
    const [first, second] = [id(), id()].sort() as [string, string];
    for (const key of [first, second]) {
      await stores.business.commit('e', key, 0, { state: bytes('1') });
    }
    await withClient(urlOf(), async (client) => {
      await client.query(
        `begin; select * from ${schema}.entities where key = '${second}' for update`,
      );
      const both = [first, second].map((key) =>
        stores.business.commit('e', key, 1, { state: bytes('2') }),
      );
      await withClient(urlOf(), (watcher) => lockedBy(watcher, first));
      const theirs = client.query(
        `select * from ${schema}.entities where key = '${first}' for update`,
      );
      await theirs.then(
        () => client.query('commit'),
        () => client.query('rollback'),
      );
      expect(await Promise.all(both)).toEqual([2, 2]);
    });
  });

  /** Resolves when somebody else holds the row. */
  async function lockedBy(client: { query(text: string): Promise<unknown> }, key: string) {
    for (;;) {
      const { rows } = (await client.query(
        `select 1 from ${schema}.entities where key = '${key}' for update skip locked`,
      )) as { rows: unknown[] };
      if (rows.length === 0) return;
    }
  }

  it('leaves what was sent with other round trips alone', async () => {
    const [good, bad] = [message('good'), message('bad')];
    await stores.broker.send([good]);
    await failingWith('53100', 'queue', async () => {
      expect((await refusal(stores.broker.send([bad]))).kind).toBe('disk-full');
    });
    expect((await stores.broker.depth('good')).visible).toBe(1);
    expect((await stores.broker.depth('bad')).visible).toBe(0);
  });
});
