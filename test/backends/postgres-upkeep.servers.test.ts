import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgres, postgresProvisioner } from '../../src/backends/postgres/index.js';
import type { OpenedStores } from '../../src/engine/backend.js';
import { OncectlError } from '../../src/engine/errors.js';
import { eventually, message } from '../conformance/fixtures.js';
import { allPorts, asSuperuser, create, freshSchema, urlOf } from './postgres-fixtures.js';

const target = { url: urlOf(), schema: freshSchema() };
const worker = target.schema;
let opened: OpenedStores;

beforeAll(async () => {
  await create(target);
  const options = { ...target, ports: allPorts, worker, retentionMs: 60_000, maintain: false };
  opened = await openPostgres(options);
});

afterAll(async () => {
  await opened.close();
  const provisioner = postgresProvisioner(target);
  await provisioner.remove();
  await provisioner.close();
});

it('searches again after the server ended its connection, and fails meanwhile as our own error', async () => {
  const { broker } = opened.upkeep;
  const sent = message('orders');
  await opened.ports.broker?.send([sent]);
  const find = async () => (await broker?.copies(['orders'], sent.id, 10))?.length;
  expect(await find()).toBe(1);
  await asSuperuser(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'oncectl ${worker}'`);
  const attempt = () =>
    find().catch((error: unknown) => {
      expect(error).toBeInstanceOf(OncectlError);
      return 0;
    });
  await eventually('the search', 10_000, attempt, (count) => count === 1);
});

it('shows upkeep for the ports that were asked for, and no other', async () => {
  const ports = ['dedupe', 'payload'] as const;
  const some = await openPostgres({
    ...{ ...target, ports, worker, retentionMs: 60_000, maintain: false },
  });
  expect(Object.keys(some.upkeep).sort()).toEqual([...ports]);
  await some.close();
});

it('refuses after the close what it is asked, as our own error', async () => {
  const options = { ...target, ports: allPorts, worker, retentionMs: 60_000, maintain: false };
  const other = await openPostgres(options);
  await other.upkeep.payload?.payloads({ prefix: '', after: null, limit: 1 });
  await other.close();
  const late = other.upkeep.payload?.payloads({ prefix: '', after: null, limit: 1 });
  await expect(late).rejects.toBeInstanceOf(OncectlError);
});
