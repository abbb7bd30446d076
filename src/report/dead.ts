/** Renders lists of dead letters, and of the errors that they are groups of. */
import type { Count } from '../engine/upkeep.js';
import type { DeadGroup } from '../operate/dead/groups.js';
import type { DeadFilter, DeadHead, DeadPage } from '../operate/dead/letters.js';
import { ageCell } from './ages.js';
import { coverageWarnings } from './coverage.js';
import type { ResultOf } from './documents/table.js';
import { formatCount, plural } from './format.js';
import type { Cell } from './output.js';

const longestError = 70;

/** `dead list`. */
export function deadResult(
  deployment: string,
  { letters, next, total, coverage }: DeadPage,
  query: DeadFilter & { readonly limit: number },
  now: number,
): ResultOf<'dead.list'> {
  const part = letters.length < total.count ? `; ${formatCount(letters.length)} of them:` : '';
  return {
    name: 'dead.list',
    data: letters,
    about: {
      deployment,
      query,
      page: { next, truncated: next !== null, total: total.count, exact: total.exact },
      coverage,
    },
    text: `${countText(total)}${part}\n`,
    table: {
      columns: [
        { name: 'message' },
        { name: 'endpoint' },
        { name: 'died', align: 'right' },
        { name: 'received', align: 'right' },
        { name: 'type' },
        { name: 'error' },
      ],
      rows: letters.map((letter) => rowOf(letter, now)),
      empty: 'no message was given up',
    },
    ids: letters.map(({ messageId }) => messageId),
    warnings: coverageWarnings(coverage),
  };
}

export interface FoundGroups {
  readonly groups: readonly DeadGroup[];
  /** Of the letters in them. */
  readonly total: Count;
  readonly coverage: DeadPage['coverage'];
}

/** `dead list --group`. */
export function groupsResult(
  deployment: string,
  { groups, total, coverage }: FoundGroups,
  query: DeadFilter,
  now: number,
): ResultOf<'dead.groups'> {
  return {
    name: 'dead.groups',
    data: groups,
    about: {
      deployment,
      query,
      page: { next: null, truncated: !total.exact, total: total.count, exact: total.exact },
      coverage,
    },
    text: `${countText(total)}, ${plural(groups.length, 'error')}; --group ERROR lists one\n`,
    table: {
      columns: [
        { name: 'letters', align: 'right' },
        { name: 'error' },
        { name: 'endpoints' },
        { name: 'first', align: 'right' },
        { name: 'last', align: 'right' },
        { name: 'for example' },
      ],
      rows: groups.map((group) => groupRow(group, now)),
      empty: 'no message was given up',
    },
    ids: groups.map(({ error }) => error),
    warnings: coverageWarnings(coverage),
  };
}

function countText({ count, exact }: Count): string {
  const all = plural(count, 'dead letter');
  return exact ? all : `at least ${all} (${formatCount(count)} match among those looked at)`;
}

function rowOf(letter: DeadHead, now: number): readonly Cell[] {
  const { messageId, endpoint, deadAt, receives, type, error } = letter;
  return [messageId, endpoint, ageCell(deadAt, now), receives, type, errorCell(error)];
}

function groupRow(group: DeadGroup, now: number): readonly Cell[] {
  const { count, error, endpoints, first, last, sample } = group;
  return [
    count,
    errorCell(error),
    endpoints.join(', '),
    ageCell(first, now),
    ageCell(last, now),
    sample.messageId,
  ];
}

/** A terminal shows the first line of an error, and not all of a long one. */
function errorCell(error: string | null): Cell {
  if (error === null) return null;
  const [line = ''] = error.split(/\r?\n/, 1);
  const isWhole = line.length <= longestError;
  return { shown: isWhole ? line : `${line.slice(0, longestError - 3)}...`, exact: error };
}
