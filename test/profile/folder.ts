import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadOptions, loadProfile } from '../../src/profile/load.js';
import { ProfileError } from '../../src/profile/problems.js';

/** A folder of its own for one test, removed afterwards. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-profile-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Loads a text as `my.yaml`, with an empty environment. */
export async function loadText(text: string, options: LoadOptions = {}) {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'my.yaml'), text);
  return loadProfile('my.yaml', { cwd, env: {}, ...options });
}

/** The refusal of a text; fails when it is accepted. */
export async function refusalOf(text: string, options: LoadOptions = {}): Promise<ProfileError> {
  const outcome = await loadText(text, options).catch((error: unknown) => error);
  if (outcome instanceof ProfileError) return outcome;
  throw new Error('not refused as a profile', { cause: outcome });
}
