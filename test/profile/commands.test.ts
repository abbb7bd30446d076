import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../terminal/run-cli.js';
import { badProfiles } from './bad-profiles.js';
import { temporaryFolder } from './folder.js';

async function written(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'my.yaml');
  await writeFile(path, text);
  return path;
}

/** One in three: each is a process of its own, and every one is refused alike by the loader. */
const sample = badProfiles.filter((_, index) => index % 3 === 0);

/** Shared, because tests that run at the same time cannot clean up for themselves. */
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-bad-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('oncectl profile validate', () => {
  test.concurrent.each(sample)('ends with 104 and one message for $title', async (bad) => {
    const path = join(folder, `${badProfiles.indexOf(bad)}.yaml`);
    await writeFile(path, bad.yaml);
    const flags = (bad.set ?? []).flatMap((set) => ['--set', set]);
    const { code, stdout, stderr } = await runCli(['profile', 'validate', path, ...flags]);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect(stderr).toContain(bad.says);
    expect(stderr).toContain(bad.at === null ? bad.key : `${path}:${bad.at}: ${bad.key}`);
    expect(stderr).not.toMatch(/^\s+at |node:internal|\.js:\d/m);
  });

  test('says what a good profile does', async () => {
    const { code, stdout } = await runCli(['profile', 'validate', 'classic', '--json']);
    const { schema, data } = JSON.parse(stdout);
    expect({ code, schema }).toEqual({ code: 0, schema: 'oncectl/profile.validate/v1' });
    expect(data).toMatchObject({
      handledPerSecond: 750,
      sha256: expect.stringMatching(/^\w{64}$/),
    });
  });

  test('refuses with one document under --json', async () => {
    const path = await written('load: { rate: 0/s }\n');
    const { code, stdout } = await runCli(['profile', 'validate', path, '--json']);
    expect(code).toBe(104);
    const { schema, error } = JSON.parse(stdout);
    expect(schema).toBe('oncectl/error/v1');
    expect(error.message).toContain('2 problems');
  });
});

describe('oncectl profile init', () => {
  test('writes a valid profile whose first line leads editors to the schema', async () => {
    const path = join(await temporaryFolder(), 'my.yaml');
    expect((await runCli(['profile', 'init', path])).code).toBe(0);
    const [first] = (await readFile(path, 'utf8')).split('\n');
    const schema = first?.replace('# yaml-language-server: $schema=', '') ?? '';
    const text = await readFile(resolve(dirname(path), schema), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ required: ['deployment', 'load'] });
    expect((await runCli(['profile', 'validate', path])).code).toBe(0);
  });

  test('what it writes in comments is valid as well', async () => {
    const path = join(await temporaryFolder(), 'my.yaml');
    await runCli(['profile', 'init', path]);
    const text = await readFile(path, 'utf8');
    const own = text.replaceAll(
      /^( *)# (?=(visibility|retention|maxAttempts|arrival|payload|keys):)/gm,
      '$1',
    );
    const staged = own
      .replace(/^ {2}(warmup|duration): .*\n/gm, '')
      .replaceAll(/^( *)# (?=stages:| +- \{ name)/gm, '$1')
      .replaceAll(/^# (?=faults:| +- \{ kind)/gm, '');
    await writeFile(path, staged);
    expect(staged.match(/^\s*# /gm)?.length).toBeLessThan(text.match(/^\s*# /gm)?.length ?? 0);
    expect(await runCli(['profile', 'validate', path])).toMatchObject({ code: 0, stderr: '' });
  });

  test('does not replace a file unless told to', async () => {
    const path = await written('mine\n');
    const { code, stderr } = await runCli(['profile', 'init', path]);
    expect(code).toBe(4);
    expect(stderr).toContain('--force');
    expect(await readFile(path, 'utf8')).toBe('mine\n');
    expect((await runCli(['profile', 'init', path, '--force'])).code).toBe(0);
  });

  test('says so when the folder is not there', async () => {
    const path = join(await temporaryFolder(), 'none', 'my.yaml');
    expect(await runCli(['profile', 'init', path])).toMatchObject({ code: 6, stdout: '' });
  });
});

describe('oncectl profile show and list', () => {
  test('show prints the file byte for byte', async () => {
    const path = await written('# kept\nnot: [a, profile]\n');
    const { code, stdout } = await runCli(['profile', 'show', path]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '# kept\nnot: [a, profile]\n' });
  });

  test('show --resolved prints what flags and defaults make of it', async () => {
    const flags = ['--resolved', '--set', 'load.rate=80/s', '--json'];
    const { stdout } = await runCli(['profile', 'show', 'quick', ...flags]);
    const { load, deployment } = JSON.parse(stdout).data.profile;
    expect(load.ratePerSecond).toBe(80);
    expect(deployment.endpoints).toHaveLength(15);
  });

  test('list names every built-in profile, and -q nothing else', async () => {
    const { stdout } = await runCli(['profile', 'list', '-q']);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['classic', 'quick', 'faulty']));
  });
});
