/**
 * The endpoint that the shared config file names for a service. The SDK reads it too, but always for
 * the profile of the environment, never for one that it is given; the AWS CLI reads it for both.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `section -> key -> value`; the key of a nested setting is `parent.key`. */
type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `services` of the profile first, then its `endpoint_url`; null when the file names none. */
export function endpointInFile(service: string, profile: string): string | null {
  const sections = readSections();
  const own = sections.get(profile === 'default' ? 'default' : `profile ${profile}`);
  const services = sections.get(`services ${own?.get('services') ?? ''}`);
  return services?.get(`${service}.endpoint_url`) ?? own?.get('endpoint_url') ?? null;
}

function readSections(): Sections {
  const path = process.env['AWS_CONFIG_FILE'] ?? join(homedir(), '.aws', 'config');
  try {
    return parseSections(readFileSync(path, 'utf8'));
  } catch {
    // No file, or none that we may read: the SDK says so when it needs it.
    return new Map();
  }
}

function parseSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let parent = '';
  for (const line of text.split(/\r?\n/)) {
    const title = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (title !== undefined) {
      section = new Map();
      sections.set(title.replace(/\s+/g, ' '), section);
      continue;
    }
    const [, indent = '', key, value = ''] =
      /^(\s*)([^\s=#;][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (indent === '') parent = key;
    section.set(indent === '' ? key : `${parent}.${key}`, value);
  }
  return sections;
}
