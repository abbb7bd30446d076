/** Loading a profile: find, read, put in variables and flags, check, resolve. */
import { createHash } from 'node:crypto';
import { type Environment, substitute } from './environment.js';
import { findProfile, type ProfileFile } from './find.js';
import { Findings } from './findings.js';
import { applyOverrides } from './overrides.js';
import { ProblemList, ProfileError } from './problems.js';
import { resolveProfile } from './resolve.js';
import { readSchema } from './schema.js';
import { readSource, type SourceNode } from './source.js';
import type { Profile } from './types.js';
import { validateAgainstSchema } from './validate.js';

export interface LoadOptions {
  /** `load.rate=80/s`, in the order in which they were given. */
  readonly set?: readonly string[];
  /** Default: the process's own. */
  readonly env?: Environment;
  /** What relative paths are relative to. Default: the process's own. */
  readonly cwd?: string;
}

export interface LoadedProfile {
  readonly profile: Profile;
  /** The file, and the digest of its bytes (before variables and flags). */
  readonly source: { readonly path: string; readonly sha256: string };
  /** What is allowed but probably not meant, each with its place. */
  readonly warnings: readonly string[];
}

/**
 * Loads a built-in profile by its name, or a file by its path, with every default filled in and every
 * quantity in its base unit. Refuses with an `OncectlError` of kind `profile` that lists every problem
 * with file, line, column and key.
 */
export async function loadProfile(
  nameOrPath: string,
  options: LoadOptions = {},
): Promise<LoadedProfile> {
  const file = await findProfile(nameOrPath, options.cwd ?? process.cwd());
  const problems = new ProblemList(file.shown);
  const root = readRoot(file, options, problems);
  problems.throwIfAny();
  const raw = validateAgainstSchema(root, await readSchema(), problems);
  const findings = new Findings(root, problems);
  const profile = raw === null ? null : resolveProfile(raw, file.path, findings);
  problems.throwIfAny();
  if (profile === null) throw new ProfileError(file.shown, []);
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  return { profile, source: { path: file.path, sha256 }, warnings: findings.warnings };
}

function readRoot(file: ProfileFile, options: LoadOptions, problems: ProblemList): SourceNode {
  const read = readSource(decode(file), file.shown, problems);
  problems.throwIfAny();
  if (read === null || (read.kind === 'scalar' && read.value === null)) {
    throw new ProfileError(file.shown, [{ at: file.shown, key: '', message: 'the file is empty' }]);
  }
  const root = substitute(read, options.env ?? process.env, problems);
  applyOverrides(root, options.set ?? [], problems);
  return root;
}

function decode({ bytes, shown }: ProfileFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = 'this is not a text file in UTF-8';
    throw new ProfileError(shown, [{ at: shown, key: '', message }], cause);
  }
}
