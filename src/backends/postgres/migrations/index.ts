/**
 * The schema's versions, in order: version n is reached by running migration n. A released migration
 * is never changed; a new one is added behind it. An older oncectl refuses a newer schema.
 */
import { tables } from './001-tables.js';

export const migrations: readonly string[] = [tables];

export const schemaVersion = migrations.length;
