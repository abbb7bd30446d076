/**
 * Installs what a lockfile asks for, and tells whether that is there. Uses nothing but Node: in a clone
 * it runs before anything is installed, for the clone itself and for the servers; an installed oncectl
 * uses it for the servers.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compares the lockfile with npm's own record of what it installed, which npm writes last. A package
 * may be missing only if it is optional: the binaries of other platforms are.
 */
export function isInstalled(folder) {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const installed = packagesOf(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  const paths = Object.keys(wanted).filter((path) => path !== '');
  if (Object.keys(installed).some((path) => wanted[path] === undefined)) return false;
  return paths.every((path) => isSame(folder, path, wanted[path], installed[path]));
}

function isSame(folder, path, wanted, installed) {
  if (installed === undefined) return wanted.optional === true;
  const { integrity = installed.integrity, version } = wanted;
  const same = installed.version === version && installed.integrity === integrity;
  return same && existsSync(join(folder, path, 'package.json'));
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Nothing we depend on needs an install script, so none is run. Returns an exit code. */
export async function install(folder) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--update-notifier=false'];
  const args = ['ci', '--ignore-scripts', ...quiet];
  // Under npx, yarn and pnpm this names them; `npx ci` would run a package of that name.
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js')) return await run(process.execPath, [npm, ...args], folder);
  return await run('npm', args, folder);
}

/** Runs a program; what it says is shown only when it fails. Returns its exit code. */
export function run(command, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    child.on('error', (error) => {
      process.stderr.write(`cannot start ${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      if (code !== 0) process.stderr.write(said);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
