/**
 * Adds to the lockfile the optional packages for other platforms that npm left out because the
 * registry it asked does not have them. `npm ci` refuses a lockfile without them, and nobody on such
 * a platform could install. Run it after an `npm install` that changed the lockfile; an added entry
 * has no integrity, and npm fetches it only where its platform is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
];
const libraries = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** Optional dependencies without an entry, as `[path, entry]`. */
export function missingEntries(packages) {
  const found = Object.entries(packages).flatMap(([path, { optionalDependencies, dev, license }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, path, name))
      .map(([name, version]) => [`node_modules/${name}`, entry(name, version, { dev, license })]),
  );
  return found;
}

/** npm looks beside the package first, then in the folders above. */
function isLocked(packages, path, name) {
  const folders = [`${path}/`, ''];
  return folders.some((folder) => packages[`${folder}node_modules/${name}`] !== undefined);
}

function entry(name, version, { dev, license }) {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new Error(`cannot tell the platform of ${name}@${version} from its name`);
  }
  const library = Object.keys(libraries).find((word) => words.includes(word));
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(library === undefined ? {} : { libc: [libraries[library]] }),
    license,
    optional: true,
    os: [os],
  };
}

function main() {
  const file = join(root, 'package-lock.json');
  const lockfile = JSON.parse(readFileSync(file, 'utf8'));
  const added = missingEntries(lockfile.packages);
  const all = [...Object.entries(lockfile.packages), ...added];
  all.sort(([a], [b]) => (a === b ? 0 : a.localeCompare(b, 'en')));
  for (const [, locked] of all) delete locked.resolved;
  writeFileSync(
    file,
    `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(all) }, null, 2)}\n`,
  );
  process.stdout.write(`${added.length} entries added\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
