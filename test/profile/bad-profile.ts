/** A profile that must be refused, with the place and the key that must be named. */
export interface BadProfile {
  readonly title: string;
  readonly yaml: string;
  /** `line:column`; null when a flag or the file as a whole is to blame. */
  readonly at: string | null;
  readonly key: string;
  /** Part of what the message must say. */
  readonly says: string;
  readonly set?: readonly string[];
}

export const load = 'load: { rate: 50/s }';
export const deployment = 'deployment: { endpoints: { chain: 3 } }';
export const good = `${deployment}\n${load}\n`;

export function bad(
  title: string,
  yaml: string,
  at: string | null,
  key: string,
  says: string,
): BadProfile {
  return { title, yaml, at, key, says };
}

export function flag(
  title: string,
  set: string,
  key: string,
  says: string,
  yaml = good,
): BadProfile {
  return { title, yaml, at: null, key, says, set: [set] };
}

export const listed = (endpoints: string, more = ''): string =>
  `deployment:\n  endpoints:\n${endpoints}${more}\n${load}\n`;

export const stages = (...lines: readonly string[]): string =>
  `${deployment}\nload:\n  stages:\n${lines.map((line) => `    - ${line}\n`).join('')}`;
