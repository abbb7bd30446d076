/** Dead letters as few causes: one row for each normalised error. */
import { OncectlError } from '../../engine/errors.js';
import type { Operation } from '../operation.js';
import { allDead, type DeadFilter, type DeadHead } from './letters.js';
import { normalisedError } from './normalise.js';

export interface DeadGroup {
  /** The normalised error; `--group` takes it. */
  readonly error: string;
  readonly count: number;
  /** Endpoints that it happened at, the most frequent first. */
  readonly endpoints: readonly string[];
  /** Times of death, ms since the epoch. */
  readonly first: number;
  readonly last: number;
  /** The one that died last. */
  readonly sample: { readonly messageId: string; readonly error: string | null };
}

/** The most frequent first. */
export function groupsOf(letters: Iterable<DeadHead>): readonly DeadGroup[] {
  const groups = new Map<string, DeadHead[]>();
  for (const letter of letters) {
    const known = groups.get(letter.group);
    if (known) known.push(letter);
    else groups.set(letter.group, [letter]);
  }
  return [...groups]
    .map(([error, members]) => groupOf(error, members))
    .sort((left, right) => right.count - left.count || (left.error < right.error ? -1 : 1));
}

function groupOf(error: string, members: readonly DeadHead[]): DeadGroup {
  const counts = new Map<string, number>();
  let [oldest, newest] = [members[0], members[0]];
  for (const member of members) {
    counts.set(member.endpoint, (counts.get(member.endpoint) ?? 0) + 1);
    if (oldest && member.deadAt < oldest.deadAt) oldest = member;
    if (newest && member.deadAt > newest.deadAt) newest = member;
  }
  return {
    error,
    count: members.length,
    endpoints: [...counts].sort((left, right) => right[1] - left[1]).map(([name]) => name),
    first: oldest?.deadAt ?? 0,
    last: newest?.deadAt ?? 0,
    sample: { messageId: newest?.messageId ?? '', error: newest?.error ?? null },
  };
}

/**
 * The filter with its group written out: given as a list shows it, as a part that only one group has, or
 * as one whole error. Never wider than what was typed: a part of an error with a number in it is no part
 * of a group. It is looked for among letters of any age: none that is old enough is no wrong name. Errors:
 * `not-found`, `ambiguous` with the groups that the part names.
 */
export async function withWholeGroup(
  operation: Operation,
  filter: DeadFilter,
): Promise<DeadFilter> {
  if (filter.group === null) return filter;
  const wanted = filter.group;
  const { endpoints } = filter;
  const ofAnyAge = { endpoints, error: null, group: null, olderThanMs: 0 };
  const { letters } = await allDead(operation, ofAnyAge);
  const all = [...new Set(letters.map(({ group }) => group))];
  const isWhole = (group: string) => group === wanted || group === normalisedError(wanted);
  const whole = all.filter(isWhole);
  const groups = whole.length > 0 ? whole : all.filter((group) => group.includes(wanted));
  const [only] = groups;
  if (only === undefined) {
    throw new OncectlError('not-found', `no dead letter's error is "${wanted}"`, {
      about: '--group',
      hint: 'oncectl dead list --group shows the groups there are; --error TEXT looks into whole errors',
    });
  }
  if (groups.length === 1) return { ...filter, group: only };
  throw new OncectlError('ambiguous', `${groups.length} groups of errors contain "${wanted}"`, {
    about: groups.slice(0, 5).join('; '),
    hint: 'give more of the error',
  });
}
