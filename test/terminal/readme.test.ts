/** The README's program is run as it stands there, as a user would paste it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../src/profile/package-root.js';

const root = packageRoot();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'node_modules', '.oncectl-readme-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'oncectl'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('the endpoint of the README runs and charges the customer once', async () => {
  const [program = ''] = await blocks('js');
  await writeFile(join(folder, 'shop.mjs'), program);
  const { stdout } = await promisify(execFile)(process.execPath, ['shop.mjs'], { cwd: folder });
  expect(stdout).toBe('{ charged: 42 }\n');
});

it('the profile of the README is a valid one', async () => {
  const [profile = ''] = await blocks('yaml');
  await writeFile(join(folder, 'shop.yaml'), profile);
  const cli = join(root, 'bin', 'oncectl.js');
  const args = [cli, 'profile', 'validate', 'shop.yaml', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'oncectl/profile.validate/v1' });
});

/** The code blocks of one language, in order. */
async function blocks(language: string): Promise<string[]> {
  const text = await readFile(join(root, 'README.md'), 'utf8');
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, of]) => of === language)
    .map(([, , code = '']) => code);
}
