/** The JSON Schemas that are shipped in `schemas/`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { nearest } from '../profile/nearest.js';

const ending = '.schema.json';

/** Names of the shipped schemas, sorted. */
export function schemaNames(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending));
  return files.map((file) => file.slice(0, -ending.length)).sort();
}

/**
 * A schema's file, byte for byte.
 *
 * @throws OncectlError `not-found` when there is none of that name
 */
export function readSchema(folder: string, name: string): string {
  const names = schemaNames(folder);
  if (names.includes(name)) return readFileSync(join(folder, `${name}${ending}`), 'utf8');
  const meant = nearest(name, names);
  const hint = meant === null ? `there are: ${names.join(', ')}` : `did you mean ${meant}?`;
  throw new OncectlError('not-found', `there is no schema ${name}`, { about: name, hint });
}
