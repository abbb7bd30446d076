import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFile } from '../../scripts/style.mjs';
import { root } from '../terminal/run-cli.js';

function breaches(text: string, name = 'sample.ts'): string[] {
  return checkFile(name, text).map(({ grave, line, text: what }) => {
    return `${grave ? 'error' : 'warning'} ${line}: ${what}`;
  });
}

function functionOf(lines: number): string {
  return `export function long() {\n${'  next();\n'.repeat(lines - 2)}}\n`;
}

describe('the house style', () => {
  it('takes a function of 70 lines and refuses one of 71', () => {
    expect(breaches(functionOf(70))).toEqual([]);
    expect(breaches(functionOf(71))).toEqual(['error 1: a function of 71 lines: the limit is 70']);
  });

  it('does not count the callback of describe, but those inside it', () => {
    const suite = (inside: string) => `describe('x', () => {\n${inside}});\n`;
    expect(breaches(suite('it();\n'.repeat(80)))).toEqual([]);
    expect(breaches(suite(`it('y', () => {\n${'next();\n'.repeat(80)}});\n`))).toHaveLength(1);
  });

  it('asks about a file of 351 lines and refuses one of 501', () => {
    expect(breaches('next();\n'.repeat(350))).toEqual([]);
    expect(breaches('next();\n'.repeat(351))).toEqual([expect.stringMatching(/^warning/)]);
    expect(breaches('next();\n'.repeat(501))).toEqual([expect.stringMatching(/^error/)]);
  });

  it.each(['root', 'home/somebody', 'Users/somebody'])('refuses a path under %s', (place) => {
    expect(breaches(`const path = '/${place}/project';\n`)).toHaveLength(1);
    expect(breaches(`[a page](/${place}/page.md)\n`, 'page.md')).toHaveLength(1);
  });

  it('refuses the name of a registry', () => {
    const host = ['registry', 'example', 'org'].join('.');
    expect(breaches(`see https://${host}/x\n`, 'page.md')).toEqual([
      'error 1: the name of a registry',
    ]);
  });

  it('refuses a lockfile that npm ci would refuse elsewhere', () => {
    const packages = (more: object) =>
      JSON.stringify({ packages: { ...parent, ...more } }, null, 2);
    const parent = { 'node_modules/x': { optionalDependencies: { 'x-linux-arm64': '1.0.0' } } };
    const locked = { version: '1.0.0', optional: true };
    expect(breaches(packages({}), 'package-lock.json')).toHaveLength(1);
    expect(
      breaches(packages({ 'node_modules/x-linux-arm64': locked }), 'package-lock.json'),
    ).toEqual([]);
    const resolved = { ...locked, resolved: 'somewhere' };
    expect(
      breaches(packages({ 'node_modules/x-linux-arm64': resolved }), 'package-lock.json'),
    ).toHaveLength(1);
  });
});

describe('the direction of imports', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(root, 'dist', 'style-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Cruises a small tree with the project's folders; tells which file breaks which rule. */
  function violations(files: Readonly<Record<string, string>>): string[] {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    writeFileSync(join(folder, 'tsconfig.json'), '{}');
    writeFileSync(join(folder, 'package.json'), '{"type":"module","dependencies":{"yaml":"2"}}');
    const tool = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = join(root, '.dependency-cruiser.cjs');
    const args = [tool, '--config', config, '--output-type', 'json', 'src'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const found: { from: string; rule: { name: string } }[] = JSON.parse(stdout).summary.violations;
    return found.map(({ from, rule }) => `${from} ${rule.name}`).sort();
  }

  const uses = (path: string) => `import type { A } from '${path}';\nexport type X = A;\n`;

  it('may be downwards, between types too, and the engine may use Node', () => {
    const files = {
      'src/bench/a.ts': 'export type A = 1;\n',
      'src/engine/a.ts': "import 'node:fs';\n",
      'src/profile/a.ts': "import 'yaml';\nimport '../engine/a.js';\n",
      'src/report/b.ts': uses('../bench/a.js'),
    };
    expect(violations(files)).toEqual([]);
  });

  it('is refused upwards, sideways, and out of the engine', () => {
    const files = {
      'src/backends/x/a.ts': 'export type A = 1;\n',
      'src/backends/y/b.ts': uses('../x/a.js'),
      'src/bench/a.ts': 'export type A = 1;\n',
      'src/cost/sideways.ts': uses('../bench/a.js'),
      'src/audit/upwards.ts': uses('../bench/a.js'),
      'src/engine/package.ts': "import 'yaml';\n",
      'src/profile/upwards.ts': uses('../bench/a.js'),
    };
    expect(violations(files)).toEqual([
      'src/audit/upwards.ts audit-imports-downwards',
      'src/audit/upwards.ts audit-knows-only-the-engine',
      'src/backends/y/b.ts backends-do-not-import-one-another',
      'src/cost/sideways.ts cost-imports-downwards',
      'src/engine/package.ts engine-imports-nothing-outside-itself',
      'src/profile/upwards.ts profile-imports-downwards',
    ]);
  });
});
