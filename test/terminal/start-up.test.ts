import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root, runCli } from './run-cli.js';

const recorder = fileURLToPath(new URL('./fixtures/record-modules.mjs', import.meta.url));
const heavyPackages = /node_modules\/(ink|react|lmdb|@aws-sdk|hdr-histogram-js|ajv|yaml)\//;
const heavyAreas = /dist\/src\/(backends|tui|load|bench|audit|profile)\/(?!nearest\.js)/;
const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'));
const commands = Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));
const topics = new Set(commands.filter((name) => name.includes(' ')).map(firstWord));

function firstWord(name: string): string {
  return name.slice(0, name.indexOf(' '));
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-modules-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function modulesOf(args: readonly string[]): Promise<string[]> {
  const file = join(folder, 'modules');
  const { code } = await runCli(args, {
    env: { RECORD_MODULES: file },
    nodeArgs: ['--import', recorder],
  });
  expect(code).toBe(0);
  return (await readFile(file, 'utf8')).trim().split('\n');
}

describe('start-up', () => {
  it('answers --version without loading oclif or anything that is compiled', async () => {
    const loaded = await modulesOf(['--version']);
    expect(loaded.some((path) => path.endsWith('bin/oncectl.js'))).toBe(true);
    expect(loaded.filter((path) => /node_modules|dist\//.test(path))).toEqual([]);
  });

  it.each(['', ...commands, ...topics])(
    'answers --help %s without a backend, view or reader',
    async (name) => {
      const loaded = await modulesOf([...name.split(' ').filter(Boolean), '--help']);
      expect(loaded.some((path) => path.includes('@oclif/core'))).toBe(true);
      const heavy = loaded.filter((path) => heavyPackages.test(path) || heavyAreas.test(path));
      expect(heavy).toEqual([]);
    },
  );

  it('sees a heavy module when a command does load one', async () => {
    const loaded = await modulesOf(['profile', 'list']);
    expect(loaded.some((path) => heavyAreas.test(path))).toBe(true);
  });
});
