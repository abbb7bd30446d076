/**
 * Makes the checkout runnable: installs when `node_modules` does not match the lockfile, builds when
 * a source is newer than `dist`. Uses nothing but Node, because it runs before anything is there. With
 * `--servers` it installs the local servers, and does nothing else.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { install, isInstalled, run } from '../servers/install.mjs';
import { withLock } from './lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const serversFolder = join(root, 'servers');
const builtStamp = join(root, 'dist', '.built');
const sources = ['src', 'commands', 'tsconfig.json', 'package.json', 'scripts/build.mjs'];
const oldestNode = [20, 12];

/**
 * Installs and builds what is needed, and with `servers` the servers of the tests; returns an exit
 * code. Two at once wait for each other.
 */
export async function ready({ servers = false } = {}) {
  if (!isNodeNewEnough()) {
    say(`Node ${process.versions.node} is too old: oncectl needs ${oldestNode.join('.')} or newer`);
    return 1;
  }
  if (isInstalled(root) && isBuilt()) return servers ? await readyServers() : 0;
  const failed = await locked(makeReady);
  return failed === 0 && servers ? await readyServers() : failed;
}

/** Installs the servers alone; returns an exit code. */
async function readyServers() {
  if (isInstalled(serversFolder)) return 0;
  return await locked(async () => {
    if (isInstalled(serversFolder)) return 0;
    return await phase('installing the local servers (npm ci)', () => install(serversFolder));
  });
}

function locked(work) {
  return withLock(join(root, '.ready.lock'), work, (pid) =>
    say(`waiting for process ${pid}, which installs or builds here`),
  );
}

async function makeReady() {
  if (!isInstalled(root)) {
    const failed = await phase('installing (npm ci)', () => install(root));
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

/** The stamp carries the time at which the build began: what changes meanwhile is built again. */
async function build() {
  const began = new Date();
  const code = await run(process.execPath, [join(root, 'scripts', 'build.mjs')], root);
  if (code !== 0) return code;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(builtStamp, '');
  utimesSync(builtStamp, began, began);
  return 0;
}

/** npm links the commands of dependencies, not a package's own: this makes `npx oncectl` work here. */
function linkOwnCommand() {
  const link = join(modules, '.bin', 'oncectl');
  if (process.platform === 'win32' || lstatSync(link, { throwIfNoEntry: false })) return;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(join('..', '..', 'bin', 'oncectl.js'), link);
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = process.argv.includes('--servers') ? await readyServers() : await ready();
}
