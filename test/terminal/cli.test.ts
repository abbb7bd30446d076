import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, runCli, screenOf } from './run-cli.js';

interface Manifest {
  readonly commands: Readonly<Record<string, { readonly hidden?: boolean }>>;
}

const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as Manifest;
const commands = Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));

function errorOf(stdout: string) {
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const document = JSON.parse(stdout);
  expect(document.schema).toBe('oncectl/error/v1');
  return document.error;
}

describe('a command line that is right', () => {
  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { code, stdout, stderr } = await runCli(['--version']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `oncectl ${version}\n`,
      stderr: '',
    });
  });

  it('prints help with the exit codes when nothing is asked for', async () => {
    const { code, stdout } = await runCli([]);
    expect(code).toBe(0);
    expect(stdout).toContain('EXIT CODES');
    expect(stdout).toMatch(/ 97 {2}\S/);
  });

  it('takes global flags before the command', async () => {
    const { code, stdout } = await runCli(['--color', 'never', '--json', 'version']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).schema).toBe('oncectl/version/v1');
  });

  it('takes global flags from the environment', async () => {
    const { stdout } = await runCli(['version'], { env: { ONCECTL_JSON: '1' } });
    expect(JSON.parse(stdout).schema).toBe('oncectl/version/v1');
  });

  it('pipes rows with tabs and without a header', async () => {
    const { stdout } = await runCli(['explain']);
    const rows = stdout.trimEnd().split('\n');
    expect(rows[0]).toBe('0\tDone.');
    expect(rows.every((row) => row.split('\t').length === 2)).toBe(true);
  });

  it('ends quietly when nobody reads its output', async () => {
    const { code, stderr } = await runCli(['explain'], { nobodyReads: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each(commands)('shows the help of %s', async (name) => {
    const { code, stdout } = await runCli([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`oncectl ${name}`);
  });

  it.runIf(commands.includes('bench run'))('shows the exit codes with bench run', async () => {
    const { stdout } = await runCli(['bench', 'run', '--help']);
    expect(stdout).toMatch(/EXIT CODES[\s\S]* 97 {2}\S/);
  });

  it('shows a table with its header on a terminal', async () => {
    expect(await screenOf(['explain'])).toMatch(/^EXIT {2}MEANING\r?\n {3}0 {2}Done\./);
  });

  it('colours an error on a terminal unless NO_COLOR is set', async () => {
    const red = '\u001b[31m';
    expect(await screenOf(['nonsense'])).toContain(red);
    expect(await screenOf(['nonsense'], { NO_COLOR: '1' })).not.toContain(red);
  });
});

describe('a command line that is wrong', () => {
  it('names the nearest command', async () => {
    const { code, stdout, stderr } = await runCli(['verison']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'error: unknown command: verison\nwhere: verison\nhint:  did you mean oncectl version?\n',
    );
  });

  it('names the nearest command of a topic instead of showing the topic', async () => {
    const { code, stderr } = await runCli(['profile', 'lsit']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean oncectl profile list?');
  });

  it('names the nearest flag', async () => {
    const { code, stderr } = await runCli(['version', '--jason']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean --json?');
  });

  it.each([
    [['nonsense', '--json']],
    [['--json', 'nonsense']],
    [['profile', 'nonsense', '--json']],
    [['nonsense', '--help', '--json']],
    [['--nonsense', '--json']],
    [['version', 'too', 'many', '--json']],
    [['version', '--color=mauve', '--json']],
    [['version', '--color', '--json']],
  ])('is one document under --json: %j', async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(errorOf(stdout)).toMatchObject({ code: 'USAGE', exit: 2, happened: 'no' });
  });

  it.each(commands)('is one document for an unknown flag of %s', async (name) => {
    const { code, stdout } = await runCli([...name.split(' '), '--nonsense', '--json']);
    expect(code).toBe(2);
    expect(errorOf(stdout)).toMatchObject({ code: 'USAGE', about: '--nonsense' });
  });

  it('passes what stands after -- on, --json too', async () => {
    const { code, stdout, stderr } = await runCli(['explain', '--', '--json']);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toContain('there is no code --json');
  });
});

describe('explain and schema', () => {
  it('explains an exit code with the errors that end with it', async () => {
    const { stdout } = await runCli(['explain', '5']);
    expect(stdout).toContain('NOT_FOUND');
    expect(stdout).toContain('AMBIGUOUS');
  });

  it('explains an error code however it is written', async () => {
    const { stdout } = await runCli(['explain', 'not-found', '--json']);
    expect(JSON.parse(stdout).data).toMatchObject([{ code: 'NOT_FOUND', exit: 5 }]);
  });

  it('ends 5 for a code that does not exist', async () => {
    const { code, stdout } = await runCli(['explain', '11', '--json']);
    expect(code).toBe(5);
    expect(errorOf(stdout)).toMatchObject({ code: 'NOT_FOUND', about: '11' });
  });

  it('lists every schema that is shipped, and prints one byte for byte', async () => {
    const listed = await runCli(['schema', '-q']);
    const files = readdirSync(join(root, 'schemas'));
    const names = files.map((file) => file.replace('.schema.json', '')).sort();
    expect(listed.stdout.trim().split('\n')).toEqual(names);
    for (const name of ['profile', 'error', 'outbox.list', 'status.event']) {
      const { stdout } = await runCli(['schema', name]);
      expect(stdout).toBe(readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8'));
    }
  });
});

describe('a clone that is not built', () => {
  let clone = '';
  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'oncectl-unbuilt-'));
    cpSync(join(root, 'bin'), join(clone, 'bin'), { recursive: true });
    cpSync(join(root, 'package.json'), join(clone, 'package.json'));
  });
  afterAll(() => rmSync(clone, { recursive: true }));

  const run = (args: string[]) => runCli(args, { executable: join(clone, 'bin', 'oncectl.js') });

  it('still knows its version', async () => {
    expect((await run(['--version'])).code).toBe(0);
  });

  it('says what to do, to a person and to a program', async () => {
    expect(await run(['bench', 'list'])).toEqual({
      code: 6,
      stdout: '',
      stderr: 'error: oncectl is not built yet\nwhere: dist\nhint:  run npm run build\n',
    });
    const { code, stdout } = await run(['bench', 'list', '--json']);
    expect(code).toBe(6);
    expect(errorOf(stdout)).toMatchObject({
      code: 'UNREACHABLE',
      exit: 6,
      hint: 'run npm run build',
    });
  });
});
