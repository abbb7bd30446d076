import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../terminal/run-cli.js';

let project = '';
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'oncectl-ready-'));
  for (const script of ['scripts/ready.mjs', 'scripts/lock.mjs', 'servers/install.mjs']) {
    cpSync(join(root, script), join(project, script), { recursive: true });
  }
  put('scripts/build.mjs', fakeBuild);
  put('package.json', '{"name":"p","version":"1.0.0","dependencies":{"part":"file:part"}}');
  put('package-lock.json', JSON.stringify(lockfileOf('1.0.0')));
  put('part/package.json', '{"name":"part","version":"1.0.0"}');
  put('servers/package.json', '{"name":"s","version":"1.0.0","dependencies":{"part":"file:part"}}');
  put('servers/package-lock.json', JSON.stringify(lockfileOf('1.0.0', 's')));
  put('servers/part/package.json', '{"name":"part","version":"1.0.0"}');
  put('tsconfig.json', '{}');
  put('src/a.ts', '');
  put('src/b.ts', '');
  put('commands/c.ts', '');
});
afterEach(() => rmSync(project, { recursive: true }));

/** Writes the marks of a build, and a line into `builds` for each; fails when there is `broken`. */
const fakeBuild = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
appendFileSync('builds', 'one\\n');
process.stdout.write('what the compiler says\\n');
writeFileSync('oclif.manifest.json', '{}');
process.exitCode = existsSync('broken') ? 2 : 0;
`;

function lockfileOf(version: string, name = 'p') {
  const packages = {
    '': { name, version: '1.0.0', dependencies: { part: 'file:part' } },
    'node_modules/part': { resolved: 'part', link: true },
    part: { version },
  };
  return { name, version: '1.0.0', lockfileVersion: 3, requires: true, packages };
}

function put(path: string, text: string): void {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), text);
}

function builds(): number {
  const file = join(project, 'builds');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
}

/** Puts a path's time into the future: a later edit, without waiting for the clock to tick. */
function edit(path: string): void {
  const later = new Date(Date.now() + 5_000);
  utimesSync(join(project, path), later, later);
}

function start(...args: string[]): ChildProcess {
  const env = {
    ...process.env,
    npm_config_userconfig: join(project, 'no-such-file'),
    npm_config_offline: 'true',
    npm_config_cache: join(project, 'cache'),
  };
  return spawn(process.execPath, ['scripts/ready.mjs', ...args], { cwd: project, env });
}

function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    child.on('close', (code) => resolve({ code, said }));
  });
}

const ready = () => ended(start());
const readyServers = () => ended(start('--servers'));

describe('ready', () => {
  it('installs and builds a fresh clone, a line per phase, and then has nothing to do', async () => {
    const { code, said } = await ready();
    expect(code, said).toBe(0);
    expect(
      said
        .replaceAll(/[\d.]+ s/g, 'N s')
        .trim()
        .split('\n'),
    ).toEqual([
      'ready: installing (npm ci)',
      'ready: installing (npm ci): done in N s',
      'ready: building',
      'ready: building: done in N s',
    ]);
    expect(await ready()).toEqual({ code: 0, said: '' });
    expect(builds()).toBe(1);
  });

  it('lets npx find the command of the clone', async () => {
    put('bin/oncectl.js', 'the executable');
    await ready();
    const link = join(project, 'node_modules', '.bin', 'oncectl');
    expect(readFileSync(link, 'utf8')).toBe('the executable');
  });

  it.each(['src/a.ts', 'commands/c.ts', 'tsconfig.json', 'package.json', 'scripts/build.mjs'])(
    'builds again, without installing, when %s changed',
    async (path) => {
      await ready();
      edit(path);
      const { said } = await ready();
      expect(said).toContain('building');
      expect(said).not.toContain('installing');
    },
  );

  it('builds again when a source was removed', async () => {
    await ready();
    rmSync(join(project, 'src', 'b.ts'));
    edit('src');
    await ready();
    expect(builds()).toBe(2);
  });

  it('installs again when the lockfile asks for something else', async () => {
    await ready();
    put('part/package.json', '{"name":"part","version":"2.0.0"}');
    put('package-lock.json', JSON.stringify(lockfileOf('2.0.0')));
    const { code, said } = await ready();
    expect(code, said).toBe(0);
    expect(said).toContain('installing');
  });

  it('installs again when node_modules lost a package', async () => {
    await ready();
    rmSync(join(project, 'node_modules', 'part'), { recursive: true });
    expect((await ready()).said).toContain('installing');
  });

  it('shows what a failed build says, fails with its code, and builds again next time', async () => {
    appendFileSync(join(project, 'broken'), '');
    const { code, said } = await ready();
    expect(code).toBe(2);
    expect(said).toContain('what the compiler says');
    rmSync(join(project, 'broken'));
    expect((await ready()).code).toBe(0);
    expect(builds()).toBe(2);
  });

  it('works once when four start at the same time', async () => {
    const all = await Promise.all([ready(), ready(), ready(), ready()]);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(builds()).toBe(1);
    expect(all.filter(({ said }) => said.includes('installing (npm ci): done'))).toHaveLength(1);
  });
});

describe('ready --servers', () => {
  it('installs the servers once, and nothing else', async () => {
    const all = await Promise.all([readyServers(), readyServers()]);
    expect(all.map(({ code }) => code)).toEqual([0, 0]);
    const installed = all.filter(({ said }) => said.includes('local servers (npm ci): done'));
    expect(installed).toHaveLength(1);
    expect(existsSync(join(project, 'servers', 'node_modules', 'part', 'package.json'))).toBe(true);
    expect(existsSync(join(project, 'node_modules'))).toBe(false);
    expect(await readyServers()).toEqual({ code: 0, said: '' });
  });

  it('is no part of making the checkout ready', async () => {
    await ready();
    expect(existsSync(join(project, 'servers', 'node_modules'))).toBe(false);
  });
});
