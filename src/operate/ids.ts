/** Ids as people give them: whole, or any 6 or more characters that one begins with. */
import { OncectlError } from '../engine/errors.js';

const shortestPrefix = 6;

/**
 * Those among `found` that were asked for by id or unique prefix; all of them when nothing was asked
 * for. Errors: `usage` for a prefix too short, `not-found`, `ambiguous` with the candidates.
 */
export function onlyThese<T extends { readonly messageId: string }>(
  found: readonly T[],
  asked: readonly string[],
): readonly T[] {
  if (asked.length === 0) return found;
  const ids = new Set(asked.map((prefix) => theOne(prefix, found)));
  return found.filter(({ messageId }) => ids.has(messageId));
}

function theOne<T extends { readonly messageId: string }>(
  prefix: string,
  found: readonly T[],
): string {
  checkPrefix(prefix);
  const ids = new Set(
    found.filter(({ messageId }) => messageId.startsWith(prefix)).map(({ messageId }) => messageId),
  );
  return uniqueId(prefix, [...ids]);
}

/** Refuses (`usage`) a prefix that is too short to mean one message. */
export function checkPrefix(prefix: string): void {
  if (prefix.length >= shortestPrefix) return;
  throw new OncectlError('usage', `"${prefix}" is too short for an id`, {
    about: prefix,
    hint: `give at least its first ${shortestPrefix} characters`,
  });
}

/** The one id that was meant. Errors: `not-found`, `ambiguous`. */
export function uniqueId(prefix: string, ids: readonly string[]): string {
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return only;
  if (only === undefined) {
    throw new OncectlError('not-found', `nothing here has the id "${prefix}"`, {
      about: prefix,
      hint: `oncectl inspect ${prefix} looks everywhere; -p names another deployment`,
    });
  }
  throw new OncectlError('ambiguous', `${ids.length} ids begin with "${prefix}"`, {
    about: ids.slice(0, 5).join(', '),
    hint: 'give more of the id',
  });
}
