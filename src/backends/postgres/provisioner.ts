/**
 * Makes, shows and removes the schema of a deployment. Everything happens in one transaction under a
 * lock of the database, so nothing is ever half made, and several that create at once are a normal
 * case: the first does it, the others find it done.
 */
import { type Client, escapeIdentifier } from 'pg';
import type { Finding, Provisioner, Resource } from '../../engine/backend.js';
import { addressOf } from './address.js';
import { closedError, connectTo } from './connection.js';
import { examine } from './examination.js';
import { migrations, schemaVersion } from './migrations/index.js';
import {
  checkSchemaName,
  foreignSchema,
  lookAtSchema,
  newerSchema,
  type SchemaState,
} from './schema.js';
import { serverError } from './server-error.js';

export interface PostgresProvisionerOptions {
  /** `postgres://…`; null: the PG* environment variables, as libpq takes them. */
  readonly url: string | null;
  readonly schema: string;
}

/** How long it waits for locks that workers hold; then it says so and changes nothing. */
const lockTimeoutMs = 10_000;

export function postgresProvisioner(options: PostgresProvisionerOptions): Provisioner {
  return new PostgresProvisioner(options);
}

class PostgresProvisioner implements Provisioner {
  readonly #options: PostgresProvisionerOptions;
  #client: Promise<Client> | null = null;
  #closed = false;

  constructor(options: PostgresProvisionerOptions) {
    checkSchemaName(options.schema);
    this.#options = options;
  }

  async inspect(): Promise<readonly Resource[]> {
    const { schema } = this.#options;
    return [
      await this.#use(async (client) => resourceOf(await lookAtSchema(client, schema), schema)),
    ];
  }

  async create(onMade?: (resource: Resource) => void): Promise<void> {
    const { schema } = this.#options;
    const isNew = await this.#locked(async (client) => {
      const state = await lookAtSchema(client, schema);
      if (state.is === 'foreign') throw foreignSchema(schema);
      const version = state.is === 'ours' ? state.version : 0;
      if (version > schemaVersion) throw newerSchema(schema, version);
      if (version === schemaVersion) return false;
      if (state.is === 'missing') await client.query(`create schema ${escapeIdentifier(schema)}`);
      await migrate(client, schema, version);
      return true;
    });
    if (isNew) onMade?.(resourceOf({ is: 'ours', version: schemaVersion }, schema));
  }

  async remove(onRemoved?: (resource: Resource) => void): Promise<void> {
    const { schema } = this.#options;
    const removed = await this.#locked(async (client) => {
      const state = await lookAtSchema(client, schema);
      if (state.is === 'foreign') throw foreignSchema(schema);
      if (state.is !== 'ours') return null;
      await dropAll(client, schema);
      return resourceOf(state, schema);
    });
    if (removed) onRemoved?.({ ...removed, state: 'missing', detail: null });
  }

  async *examine(): AsyncIterable<Finding> {
    const client = await this.#open();
    try {
      yield* examine(client, this.#options.schema);
    } catch (error) {
      throw serverError(error, addressOf(this.#options.url).shown, 'no');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => null);
    await client?.end().catch(() => {});
  }

  #open(): Promise<Client> {
    if (this.#closed) return Promise.reject(closedError());
    this.#client ??= connectTo(addressOf(this.#options.url), 'oncectl deploy').then((client) => {
      client.on('end', () => {
        this.#client = null;
      });
      return client;
    });
    this.#client.catch(() => {
      this.#client = null;
    });
    return this.#client;
  }

  async #use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.#open();
    try {
      return await work(client);
    } catch (error) {
      throw serverError(error, addressOf(this.#options.url).shown, 'unknown');
    }
  }

  /** One transaction, alone with this schema. */
  #locked<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return this.#use(async (client) => {
      await client.query('begin');
      try {
        await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
        await client.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [
          'oncectl',
          this.#options.schema,
        ]);
        const result = await work(client);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => {});
        throw error;
      }
    });
  }
}

function resourceOf(state: SchemaState, name: string): Resource {
  const resource = (state: Resource['state'], detail: string | null): Resource => ({
    kind: 'schema',
    name,
    state,
    detail,
  });
  if (state.is === 'missing') return resource('missing', null);
  if (state.is === 'empty') return resource('missing', 'an empty schema is there');
  if (state.is !== 'ours') return resource('wrong', 'it holds tables that are not ours');
  const { version } = state;
  if (version === schemaVersion) return resource('ready', `version ${version}`);
  return version < schemaVersion
    ? resource('outdated', `version ${version}; ${schemaVersion} is the present one`)
    : resource('wrong', `version ${version}, of a newer oncectl; this one knows ${schemaVersion}`);
}

/** Runs the migrations behind `version`, and notes where the schema is then. */
async function migrate(client: Client, schema: string, version: number): Promise<void> {
  await client.query(`set local search_path to ${escapeIdentifier(schema)}`);
  if (version === 0) {
    await client.query(`create table oncectl_schema (
      only_row boolean primary key default true check (only_row),
      version integer not null,
      changed_at timestamptz not null default now()
    )`);
    await client.query('insert into oncectl_schema (version) values (0)');
  }
  for (const sql of migrations.slice(version)) await client.query(sql);
  await client.query('update oncectl_schema set version = $1, changed_at = now()', [schemaVersion]);
}

/** The schema with all in it; in a schema that somebody else made for us, all that is ours. */
async function dropAll(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ owned: boolean }>(
    `select pg_has_role(nspowner, 'MEMBER') as owned from pg_namespace where nspname = $1`,
    [schema],
  );
  if (rows[0]?.owned) {
    await client.query(`drop schema ${escapeIdentifier(schema)} cascade`);
    return;
  }
  const tables = await client.query<{ name: string; kind: string }>(
    `select c.relname as name, c.relkind as kind from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relkind in ('r', 'S') and pg_has_role(c.relowner, 'MEMBER')
    order by c.relkind desc`,
    [schema],
  );
  for (const { name, kind } of tables.rows) {
    const full = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
    await client.query(`drop ${kind === 'S' ? 'sequence' : 'table'} if exists ${full}`);
  }
}
