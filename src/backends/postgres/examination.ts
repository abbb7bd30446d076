/** What `oncectl doctor` looks at in a PostgreSQL server, with queries that change nothing. */
import type { Client } from 'pg';
import type { Finding } from '../../engine/backend.js';
import { schemaVersion } from './migrations/index.js';
import { lookAtSchema } from './schema.js';

const oldestServer = 140_000;
const tolerableSkewMs = 1000;
const fewConnections = 10;
const slowMs = 20;

export async function* examine(client: Client, schema: string): AsyncIterable<Finding> {
  yield await latency(client);
  yield await serverVersion(client);
  yield await writability(client);
  yield await durability(client);
  yield await clockSkew(client);
  yield await connectionsLeft(client);
  yield await schemaFound(client, schema);
  yield await permissions(client, schema);
}

function ok(what: string, detail: string): Finding {
  return { what, verdict: 'ok', detail, hint: null };
}

async function latency(client: Client): Promise<Finding> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const began = performance.now();
    await client.query('select 1');
    times.push(performance.now() - began);
  }
  const median = times.sort((left, right) => left - right)[3] ?? 0;
  const what = 'round trip to PostgreSQL';
  const detail = `${median.toFixed(2)} ms`;
  if (median <= slowMs) return ok(what, detail);
  return { what, verdict: 'note', detail, hint: 'every step of a protocol takes at least as long' };
}

async function serverVersion(client: Client): Promise<Finding> {
  const row = await one(
    client,
    `select current_setting('server_version') as version,
      current_setting('server_version_num')::int as number`,
  );
  const what = 'version of PostgreSQL';
  if (Number(row['number']) >= oldestServer) return ok(what, String(row['version']));
  const hint = 'upgrade the server to 14 or newer';
  return { what, verdict: 'breaks', detail: `${row['version']}, too old`, hint };
}

async function writability(client: Client): Promise<Finding> {
  const row = await one(
    client,
    `select pg_is_in_recovery() as standby,
      current_setting('transaction_read_only') as read_only`,
  );
  const what = 'writes';
  if (row['standby'] === false && row['read_only'] === 'off') return ok(what, 'taken');
  const detail = row['standby'] ? 'a standby takes none' : 'sessions begin read-only';
  return { what, verdict: 'breaks', detail, hint: 'connect to the primary, and allow writes' };
}

async function durability(client: Client): Promise<Finding> {
  const row = await one(
    client,
    `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
      current_setting('synchronous_commit') as commits`,
  );
  const what = 'durability of commits';
  const detail = `fsync ${row['fsync']}, full_page_writes ${row['pages']}, synchronous_commit ${row['commits']}`;
  if (row['fsync'] !== 'on' || row['pages'] !== 'on') {
    const hint =
      'switch fsync and full_page_writes on: a crash may take back what was acknowledged';
    return { what, verdict: 'breaks', detail, hint };
  }
  if (row['commits'] !== 'off') return ok(what, detail);
  const hint = 'oncectl switches synchronous_commit on for its own sessions';
  return { what, verdict: 'note', detail, hint };
}

async function clockSkew(client: Client): Promise<Finding> {
  const before = Date.now();
  const row = await one(client, 'select extract(epoch from clock_timestamp()) * 1000 as now');
  const after = Date.now();
  const skew = Math.round(Number(row['now']) - (before + after) / 2);
  const what = 'clock skew to PostgreSQL';
  const detail = `${skew} ms`;
  if (Math.abs(skew) <= tolerableSkewMs) return ok(what, detail);
  const hint = 'leases keep to the server’s clock; retention and latencies show the difference';
  return { what, verdict: 'note', detail, hint };
}

async function connectionsLeft(client: Client): Promise<Finding> {
  const row = await one(
    client,
    `select current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int as most,
      (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as used`,
  );
  const left = Number(row['most']) - Number(row['used']);
  const what = 'connections left';
  const detail = `${left} of ${row['most']}`;
  if (left >= fewConnections) return ok(what, detail);
  const hint = 'a worker takes 4; raise max_connections, or run fewer workers';
  return { what, verdict: left > 0 ? 'note' : 'breaks', detail, hint };
}

async function schemaFound(client: Client, schema: string): Promise<Finding> {
  const state = await lookAtSchema(client, schema);
  const what = `schema ${schema}`;
  if (state.is === 'foreign') {
    const hint = 'name another schema in the profile';
    return { what, verdict: 'breaks', detail: 'it holds tables that are not ours', hint };
  }
  if (state.is !== 'ours') {
    const hint = '`oncectl deploy up` makes it';
    return { what, verdict: 'breaks', detail: 'not there', hint };
  }
  const detail = `version ${state.version}`;
  if (state.version === schemaVersion) return ok(what, detail);
  const isNewer = state.version > schemaVersion;
  const hint = isNewer ? 'use a newer oncectl' : '`oncectl deploy up` upgrades it';
  return { what, verdict: 'breaks', detail: `${detail}; ${schemaVersion} is needed`, hint };
}

async function permissions(client: Client, schema: string): Promise<Finding> {
  const row = await one(
    client,
    `select current_user as role,
      has_database_privilege(current_database(), 'CREATE') as may_create,
      (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relkind = 'r' and c.relname <> 'oncectl_schema') as tables,
      (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relkind = 'r' and c.relname <> 'oncectl_schema'
          and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
          and has_table_privilege(c.oid, 'INSERT') and has_table_privilege(c.oid, 'UPDATE')
          and has_table_privilege(c.oid, 'DELETE')) as writable`,
    [schema],
  );
  const what = `permissions of ${row['role']}`;
  const [tables, writable] = [Number(row['tables']), Number(row['writable'])];
  if (tables > 0) {
    if (tables === writable) return ok(what, `all ${tables} tables can be written`);
    const hint = `grant usage on schema ${schema}, and all on its tables and sequences`;
    return { what, verdict: 'breaks', detail: `${writable} of ${tables} tables`, hint };
  }
  if (row['may_create']) return ok(what, 'may create the schema');
  const hint = 'grant CREATE on the database, or have an empty schema made that the role owns';
  return { what, verdict: 'note', detail: 'may not create schemas here', hint };
}

async function one(client: Client, sql: string, values: unknown[] = []) {
  const { rows } = await client.query<Record<string, unknown>>(sql, values);
  return rows[0] ?? {};
}
