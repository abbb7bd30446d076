/** Which profile a command is about that names none: the environment's, or the one in this folder. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { OncectlError } from '../engine/errors.js';

const inThisFolder = 'oncectl.yaml';

/**
 * The profile to load: as named, else `ONCECTL_PROFILE`, else `./oncectl.yaml`. Refuses with kind
 * `usage` when there is none of the three.
 */
export function chooseProfile(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  const chosen = named ?? environment['ONCECTL_PROFILE'];
  if (chosen) return chosen;
  if (existsSync(resolve(cwd, inThisFolder))) return inThisFolder;
  throw new OncectlError('usage', 'which deployment? no profile is named', {
    hint: 'give a profile, set ONCECTL_PROFILE, or write ./oncectl.yaml (oncectl profile init)',
  });
}
