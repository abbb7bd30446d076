/** The folder of the server packages: `servers/` of this package, with its node_modules. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { packageRoot } from '../profile/package-root.js';

/** Where the server packages are installed. */
export function serversHome(): string {
  return join(packageRoot(), 'servers');
}

/** The folder of an installed server package; `not-found` when it is not there. */
export function packageFolder(home: string, name: string): string {
  const folder = join(home, 'node_modules', ...name.split('/'));
  if (existsSync(join(folder, 'package.json'))) return folder;
  throw new OncectlError('not-found', `the package ${name} is not installed`, {
    about: home,
    hint: 'run npm ci --ignore-scripts there',
  });
}

export function versionOf(folder: string): string {
  return String(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version);
}
