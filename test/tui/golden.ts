import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Compares with a file of accepted text; `UPDATE=1` accepts what came out and shows in the diff. */
export function expectGolden(name: string, actual: string): void {
  const file = fileURLToPath(new URL(`golden/${name}`, import.meta.url));
  const text = `${actual.replace(/[ \t]+$/gm, '')}\n`;
  if (process.env['UPDATE'] === '1' || !existsSync(file)) {
    if (process.env['UPDATE'] !== '1') throw new Error(`no golden file ${name}: run with UPDATE=1`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
