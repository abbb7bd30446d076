/** Which file a name means: a built-in profile, or a path. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { didYouMean } from './nearest.js';
import { packageRoot } from './package-root.js';

/** A profile's file, read but not yet understood. */
export interface ProfileFile {
  /** Absolute. */
  readonly path: string;
  /** As messages name it: relative where that is shorter. */
  readonly shown: string;
  readonly bytes: Uint8Array;
}

/** Longer files are not profiles. */
const maximumBytes = 1024 * 1024;

/** Folder of the profiles that come with oncectl. */
function builtInFolder(): string {
  return join(packageRoot(), 'profiles');
}

/** Names of the profiles that come with oncectl, sorted. */
export async function builtInNames(): Promise<readonly string[]> {
  const files = await readdir(builtInFolder());
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** Reads a built-in profile by its name, or a file by its path. Refuses with kind `profile`. */
export async function findProfile(nameOrPath: string, cwd: string): Promise<ProfileFile> {
  const names = await builtInNames();
  const builtIn = names.includes(nameOrPath);
  const path = builtIn ? join(builtInFolder(), `${nameOrPath}.yaml`) : resolve(cwd, nameOrPath);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(nameOrPath, path, names, cause);
  });
  const shown = shownPath(path, cwd);
  if (bytes.length > maximumBytes) {
    throw new OncectlError('profile', `${shown}: too large for a profile`, { about: shown });
  }
  return { path, shown, bytes };
}

function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

function unreadable(
  written: string,
  path: string,
  names: readonly string[],
  cause: unknown,
): OncectlError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const reasons: Readonly<Record<string, string>> = {
    EISDIR: 'is a folder, not a profile',
    EACCES: 'cannot be read: permission denied',
    EPERM: 'cannot be read: permission denied',
  };
  const reason = reasons[code];
  if (reason !== undefined) {
    return new OncectlError('profile', `${path} ${reason}`, { about: path, cause });
  }
  const isName = !/[\\/.]/.test(written);
  const message = isName
    ? `there is no profile "${written}"${didYouMean(written, names)}`
    : `there is no file ${path}`;
  const hint = `built-in profiles: ${names.join(', ')}; or give the path of a file`;
  return new OncectlError('profile', message, { about: written, hint, cause });
}
