import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/profile/package-root.js';
import { profileReference } from '../../src/profile/reference.js';
import { readSchema, type Schema } from '../../src/profile/schema.js';

test('docs/profiles.md is what the schema says today', async () => {
  const page = await readFile(join(packageRoot(), 'docs', 'profiles.md'), 'utf8');
  const parts = profileReference(await readSchema());
  expect(page.endsWith(`${parts.join('\n\n')}\n`), 'stale: run npm run docs').toBe(true);
});

test('every key has a description, for the page and for editors', async () => {
  const silent: string[] = [];
  const walk = (schema: Schema, path: string): void => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (property.description === undefined) silent.push(`${path}.${key}`);
      walk(property, `${path}.${key}`);
      if (property.items !== undefined) walk(property.items, `${path}.${key}[]`);
    }
  };
  walk(await readSchema(), '');
  expect(silent).toEqual([]);
});
