import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../terminal/run-cli.js';

const minutes = 60_000;
let folder = '';
let packed: readonly string[] = [];

/** Runs npm as on a fresh machine: no user configuration, a cache of its own. */
function npm(args: readonly string[], cwd: string): string {
  return run('npm', [...args, '--no-audit', '--no-fund', '--update-notifier=false'], cwd);
}

function run(command: string, args: readonly string[], cwd: string, allowed = [0]): string {
  const env = {
    ...withoutNpm(process.env),
    npm_config_userconfig: join(folder, 'no-such-file'),
    npm_config_cache: join(folder, 'cache'),
  };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (!allowed.includes(status ?? -1))
    throw new Error(
      `${command} ${args.join(' ')} ended ${status}: ${stderr}${stdout.slice(-2000)}`,
    );
  return stdout;
}

/** Under `npm test` npm hands its own settings and its PATH to whatever it starts. */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('npm_')));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-package-'));
  const [{ filename, files }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  );
  packed = files.map(({ path }: { path: string }) => path);
  writeFileSync(join(folder, 'package.json'), '{"name":"somewhere-else","type":"module"}');
  npm(['install', '--ignore-scripts', join(folder, filename)], folder);
}, 5 * minutes);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  it('holds what runs and what is shipped with it, and nothing else', () => {
    const tops = new Set(packed.map((path) => path.split('/')[0]));
    const allowed = ['LICENSE', 'README.md', 'bin', 'dist', 'oclif.manifest.json'];
    allowed.push('package.json', 'prices', 'profiles', 'schemas', 'servers');
    expect([...tops].filter((top) => !allowed.includes(top ?? ''))).toEqual([]);
    expect(packed).toContain('oclif.manifest.json');
    expect(packed).toContain('servers/package-lock.json');
    expect(
      packed.filter((path) => /\.tsbuildinfo|\.built$|\/test\/|node_modules/.test(path)),
    ).toEqual([]);
  });

  it('answers npx oncectl --version from an empty folder, installed without any script', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(run('npx', ['--no-install', 'oncectl', '--version'], folder)).toBe(
      `oncectl ${version}\n`,
    );
  });

  it('lists the built-in profiles from an empty folder', () => {
    const { data } = JSON.parse(
      run('npx', ['--no-install', 'oncectl', 'profile', 'list', '--json'], folder),
    );
    expect(data.length).toBeGreaterThan(0);
  });
});

describe('the packed package at work', () => {
  it(
    'runs the quick profile to the end with a clean audit',
    () => {
      const args = ['--no-install', 'oncectl', 'bench', 'run', 'quick', '--no-tui', '--json'];
      const tooSlowAMachine = 103;
      const lines = run('npx', args, folder, [0, tooSlowAMachine]).trim().split('\n');
      const { type, data } = JSON.parse(lines.at(-1) ?? '');
      expect(type).toBe('summary');
      expect(data.verdict.audit).toMatch(/^audit clean: [1-9]/);
    },
    3 * minutes,
  );

  it(
    'offers endpoint with its types',
    () => {
      mkdirSync(join(folder, 'src'), { recursive: true });
      writeFileSync(join(folder, 'src', 'shipping.ts'), userCode);
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(userConfiguration));
      const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      run(process.execPath, [compiler, '-p', folder], folder);
      expect(run(process.execPath, ['out/shipping.js'], folder)).toBe('shipping\n');
      writeFileSync(join(folder, 'src', 'wrong.ts'), wrongCode);
      expect(() => run(process.execPath, [compiler, '-p', folder], folder)).toThrow(/wrong\.ts/);
    },
    2 * minutes,
  );
});

const userConfiguration = {
  compilerOptions: {
    target: 'ES2022',
    module: 'nodenext',
    strict: true,
    rootDir: 'src',
    outDir: 'out',
    typeRoots: [join(root, 'node_modules', '@types')],
    types: ['node'],
  },
  include: ['src'],
};

const userCode = `
import { endpoint } from 'oncectl';

const shipping = endpoint({
  name: 'shipping',
  handlers: {
    OrderPlaced: async (message, entity, send) => {
      const id: string = message.id;
      void [id, entity, send];
    },
  },
});
process.stdout.write(shipping.name + '\\n');
`;

const wrongCode = `
import { endpoint } from 'oncectl';

export const nameless = endpoint({ name: 7, handlers: {} });
`;
