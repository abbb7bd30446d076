/** The schema of profiles: the single source of keys, types, descriptions and defaults. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

/** As much of JSON Schema as `schemas/profile.schema.json` uses. */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly quantity?: QuantityLimits;
}

/** Our own keyword: what kind of quantity a value is, and within which limits. */
export interface QuantityLimits {
  readonly kind: 'duration' | 'rate' | 'size' | 'share';
  readonly above?: string;
  readonly atLeast?: string;
  readonly atMost?: string;
}

/** Absolute path of the schema in the installed package. */
export function schemaPath(): string {
  return join(packageRoot(), 'schemas', 'profile.schema.json');
}

let shipped: Promise<Schema> | undefined;

/** The schema that was shipped with this version, read once. */
export function readSchema(): Promise<Schema> {
  shipped ??= readFile(schemaPath(), 'utf8').then((text) => JSON.parse(text) as Schema);
  return shipped;
}
