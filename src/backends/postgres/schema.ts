/**
 * What the schema is, told from the version table in it: `oncectl_schema`, one row. A schema with other
 * tables and without that one is somebody else's and is never touched; an empty one is free.
 */
import { escapeIdentifier } from 'pg';
import { OncectlError } from '../../engine/errors.js';
import { schemaVersion } from './migrations/index.js';

/** What queries are run on: a client, whatever pg hands out. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Record<string, unknown>[] }>;
}

export type SchemaState =
  | { readonly is: 'missing' | 'empty' | 'foreign' }
  | { readonly is: 'ours'; readonly version: number };

const deployUp = '`oncectl deploy up` makes or upgrades it';

/** Refuses a name that could be mistaken for something else, here or in a message. */
export function checkSchemaName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,47}$/.test(schema) && !schema.startsWith('pg_')) return;
  throw new OncectlError('profile', `"${schema}" is no name for the schema`, {
    hint: 'small letters, digits and underscores, at most 48, not beginning with pg_ or a digit',
  });
}

export async function lookAtSchema(client: Queryable, schema: string): Promise<SchemaState> {
  const { rows } = await client.query(
    `select to_regclass($2) is not null as ours,
      (select count(*) from pg_class c where c.relnamespace = n.oid) as relations
    from pg_namespace n where n.nspname = $1`,
    [schema, `${escapeIdentifier(schema)}.oncectl_schema`],
  );
  const [found] = rows;
  if (!found) return { is: 'missing' };
  if (!found['ours']) return { is: Number(found['relations']) === 0 ? 'empty' : 'foreign' };
  const versions = await client.query(
    `select version from ${escapeIdentifier(schema)}.oncectl_schema`,
  );
  const version = versions.rows[0]?.['version'];
  return version === undefined ? { is: 'foreign' } : { is: 'ours', version: Number(version) };
}

/** Rejects with `format` unless the schema is ours and of this very version. */
export function checkSchema(state: SchemaState, schema: string): void {
  const about = `schema ${schema}`;
  switch (state.is) {
    case 'missing':
    case 'empty':
      throw new OncectlError('format', 'the schema of the deployment does not exist', {
        about,
        hint: deployUp,
      });
    case 'foreign':
      throw foreignSchema(schema);
    case 'ours':
      if (state.version === schemaVersion) return;
      if (state.version > schemaVersion) throw newerSchema(schema, state.version);
      throw new OncectlError('format', `the schema has version ${state.version}, an older one`, {
        about,
        hint: deployUp,
      });
  }
}

export function foreignSchema(schema: string): OncectlError {
  return new OncectlError('format', 'a schema of that name holds tables that are not ours', {
    about: `schema ${schema}`,
    hint: 'name another schema in the profile; this one was not touched',
  });
}

export function newerSchema(schema: string, version: number): OncectlError {
  return new OncectlError(
    'format',
    `the schema has version ${version}; this oncectl knows up to ${schemaVersion}`,
    { about: `schema ${schema}`, hint: 'use a newer oncectl; the schema was not touched' },
  );
}
