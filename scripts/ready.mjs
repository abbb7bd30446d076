/**
 * Makes the checkout runnable: installs when `node_modules` does not match the lockfile, builds when
 * a source is newer than `dist`. Uses nothing but Node, because it runs before anything is there.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from './lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const builtStamp = join(root, 'dist', '.built');
const sources = ['src', 'commands', 'tsconfig.json', 'package.json', 'scripts/build.mjs'];
const oldestNode = [20, 12];

/** Installs and builds what is needed; returns an exit code. Two at once wait for each other. */
export async function ready() {
  if (!isNodeNewEnough()) {
    say(`Node ${process.versions.node} is too old: oncectl needs ${oldestNode.join('.')} or newer`);
    return 1;
  }
  if (isInstalled() && isBuilt()) return 0;
  return await withLock(join(root, '.ready.lock'), makeReady, (pid) =>
    say(`waiting for process ${pid}, which installs or builds here`),
  );
}

async function makeReady() {
  if (!isInstalled()) {
    const failed = await phase('installing (npm ci)', install);
    if (failed !== 0) return failed;
  }
  linkOwnCommand();
  return isBuilt() ? 0 : await phase('building', build);
}

async function phase(name, work) {
  const began = Date.now();
  say(name);
  const code = await work();
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  say(code === 0 ? `${name}: done in ${seconds} s` : `${name}: failed (exit code ${code})`);
  return code;
}

/** Nothing we depend on needs an install script, so none is run. */
async function install() {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--update-notifier=false'];
  const args = ['ci', '--ignore-scripts', ...quiet];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) return await run(process.execPath, [npm, ...args]);
  return await run('npm', args);
}

/** The stamp carries the time at which the build began: what changes meanwhile is built again. */
async function build() {
  const began = new Date();
  const code = await run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  if (code !== 0) return code;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(builtStamp, '');
  utimesSync(builtStamp, began, began);
  return 0;
}

/** Runs a program; what it says is shown only when it fails. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    child.on('error', (error) => {
      say(`cannot start ${command}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      if (code !== 0) process.stderr.write(said);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** npm links the commands of dependencies, not a package's own: this makes `npx oncectl` work here. */
function linkOwnCommand() {
  const link = join(modules, '.bin', 'oncectl');
  if (process.platform === 'win32' || lstatSync(link, { throwIfNoEntry: false })) return;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(join('..', '..', 'bin', 'oncectl.js'), link);
}

/**
 * Compares the lockfile with npm's own record of what it installed, which npm writes last. A package
 * may be missing only if it is optional: the binaries of other platforms are.
 */
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(join(modules, '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  const paths = Object.keys(wanted).filter((path) => path !== '');
  if (Object.keys(installed).some((path) => wanted[path] === undefined)) return false;
  return paths.every((path) => isSame(path, wanted[path], installed[path]));
}

function isSame(path, wanted, installed) {
  if (installed === undefined) return wanted.optional === true;
  const { integrity = installed.integrity, version } = wanted;
  const same = installed.version === version && installed.integrity === integrity;
  return same && existsSync(join(root, path, 'package.json'));
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function isBuilt() {
  const built = statSync(builtStamp, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined || !existsSync(join(root, 'oclif.manifest.json'))) return false;
  return sources.every((source) => newest(join(root, source)) < built);
}

/** Folders count too: theirs is the only trace that a removed file leaves. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

function isNodeNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

function say(text) {
  process.stderr.write(`ready: ${text}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await ready();
