/** A profile as text: as it is written, or as it is understood. */
import { stringify } from 'yaml';
import { findProfile } from './find.js';
import { loadProfile } from './load.js';
import type { Profile } from './types.js';

/** The file as it is. */
export interface WrittenProfile {
  readonly path: string;
  readonly text: string;
}

/** With every default filled in, in base units. */
export interface ResolvedProfile {
  readonly path: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  readonly profile: Profile;
}

/** What `profile show` prints, and what its JSON carries. */
export interface ShownProfile {
  readonly name: string;
  readonly text: string;
  readonly data: WrittenProfile | ResolvedProfile;
  readonly warnings: readonly string[];
}

/** The file itself, byte for byte, even when it is not a valid profile. */
export async function showWritten(nameOrPath: string): Promise<ShownProfile> {
  const { path, bytes } = await findProfile(nameOrPath, process.cwd());
  const text = new TextDecoder().decode(bytes);
  return { name: nameOrPath, text, data: { path, text }, warnings: [] };
}

/** With every default filled in, in base units, as YAML. */
export async function showResolved(
  nameOrPath: string,
  set: readonly string[],
): Promise<ShownProfile> {
  const { profile, source, warnings } = await loadProfile(nameOrPath, { set });
  const text = stringify(profile, { lineWidth: 100 });
  return { name: profile.name, text, data: { ...source, profile }, warnings };
}
