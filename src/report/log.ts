/** Renders what operators did. */

import type { ActionQuery, LoggedAction } from '../operate/actions.js';
import { actorText } from '../operate/actor.js';
import { ageCell } from './ages.js';
import type { ResultOf } from './documents/table.js';
import { formatCount } from './format.js';

/** `log`. `truncated`: there are older ones. */
export function logResult(
  deployment: string,
  actions: readonly LoggedAction[],
  query: ActionQuery,
  truncated: boolean,
  now: number,
): ResultOf<'log'> {
  return {
    name: 'log',
    data: actions,
    about: {
      deployment,
      query,
      page: { next: null, truncated, total: actions.length, exact: !truncated },
      coverage: [],
    },
    table: {
      columns: [
        { name: 'id', align: 'right' },
        { name: 'ago', align: 'right' },
        { name: 'actor' },
        { name: 'action' },
        { name: 'about' },
        { name: 'result' },
        { name: 'undo' },
        { name: 'reason' },
      ],
      rows: actions.map((action) => [
        action.id,
        ageCell(action.begunAt, now),
        actorText(action.actor),
        action.action,
        action.about,
        resultText(action),
        action.undo === null ? 'no' : 'yes',
        action.reason,
      ]),
      empty: 'nothing was done here, or nothing that matches',
    },
    ids: actions.map(({ id }) => String(id)),
  };
}

function resultText({ counts }: LoggedAction): string {
  if (counts === null) return 'NO RESULT';
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([name, count]) => `${formatCount(count)} ${name}`).join(', ') || 'nothing to do';
}
