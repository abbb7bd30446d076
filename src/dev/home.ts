/**
 * Where the server packages are: in a clone in its own `servers/`; for an installed oncectl, whose
 * folder may be read-only, in a copy of that folder in the user's cache, one for each content of it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { packageRoot } from '../profile/package-root.js';

/** The folder that comes with oncectl. */
export const shippedHome = (): string => join(packageRoot(), 'servers');

/** Whether this oncectl is a clone, which has its scripts beside it. */
export const isClone = (): boolean => existsSync(join(packageRoot(), 'scripts', 'ready.mjs'));

/** The folder whose node_modules hold the server packages, once they are installed. */
export function serversHome(): string {
  const shipped = shippedHome();
  if (isClone()) return shipped;
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'oncectl', `servers-${contentOf(shipped)}`);
}

/** The files that make up the shipped folder. */
export function shippedFiles(): string[] {
  const entries = readdirSync(shippedHome(), { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function contentOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of shippedFiles().sort())
    hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

/** The folder of an installed server package; `not-found` when it is not there. */
export function packageFolder(home: string, name: string): string {
  const folder = join(home, 'node_modules', ...name.split('/'));
  if (existsSync(join(folder, 'package.json'))) return folder;
  throw new OncectlError('not-found', `the package ${name} is not installed`, {
    about: home,
    hint: 'oncectl dev up installs it where its platform is supported',
  });
}

export function versionOf(folder: string): string {
  return String(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version);
}
