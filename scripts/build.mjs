/**
 * Compiles `src` and `commands` to `dist`, forgets what lost its source, and writes the command
 * manifest, which saves oclif the loading of every command for help.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Builds; returns the exit code, the compiler's own: types that are wrong fail the build. */
export async function build() {
  removeOrphans();
  const compiler = require.resolve('typescript/bin/tsc');
  const tsc = spawnSync(process.execPath, [compiler, '-p', root], { stdio: ['ignore', 2, 2] });
  await writeManifest();
  return tsc.status ?? 1;
}

/** A compiled command without a source would still be a command. */
function removeOrphans() {
  for (const area of ['src', 'commands']) {
    const compiled = join(root, 'dist', area);
    if (!existsSync(compiled)) continue;
    for (const file of readdirSync(compiled, { recursive: true })) {
      if (file.endsWith('.js') && !hasSource(join(root, area, file))) removeOutputs(compiled, file);
    }
  }
}

function hasSource(path) {
  const stem = path.slice(0, -'.js'.length);
  return existsSync(`${stem}.ts`) || existsSync(`${stem}.tsx`);
}

function removeOutputs(compiled, file) {
  const stem = join(compiled, file.slice(0, -'.js'.length));
  for (const ending of ['.js', '.d.ts']) rmSync(`${stem}${ending}`, { force: true });
}

async function writeManifest() {
  const { Plugin } = await import('@oclif/core/config');
  const { settings } = await import('@oclif/core/settings');
  settings.enableAutoTranspile = false;
  const options = { errorOnManifestCreate: true, ignoreManifest: true, isRoot: true, root };
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const plugin = new Plugin({ ...options, pjson, type: 'core' });
  await plugin.load();
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await build();
