/** Plans that take a pause back, or the end of one, and how their one item is carried out. */
import {
  type Pause,
  pauseEndpoint,
  readPauses,
  resumeEndpoint,
} from '../../engine/control/pauses.js';
import { actorText } from '../actor.js';
import type { Operation } from '../operation.js';
import type { Executor } from '../plan/executor.js';
import { makePlan, type Plan, type PlanItem } from '../plan/plan.js';
import { pauseAction, resumeAction } from './pause.js';

/** What the log keeps of a pause for `undo`. */
export interface PauseNote {
  readonly endpoint: string;
  readonly pause: Pause;
}

/** Ends the pause of the note, and no later one. */
export function planResume(operation: Operation, note: PauseNote, filter: Plan['filter']): Plan {
  return planOf(
    operation,
    resumeAction,
    { ...itemOf(note), step: 'paused', actions: ['resume'] },
    filter,
  );
}

/** Pauses again, for the reason that was given then. */
export function planPause(operation: Operation, note: PauseNote, filter: Plan['filter']): Plan {
  return planOf(
    operation,
    pauseAction,
    { ...itemOf(note), step: 'working', actions: ['pause'] },
    filter,
  );
}

function itemOf({ endpoint, pause }: PauseNote): Omit<PlanItem, 'step' | 'actions'> {
  return {
    ...{ endpoint, id: endpoint, key: null, observed: { ...pause } },
    effect: { sends: 0, writes: 1, deletes: 0 },
    undo: 'yes',
    rule: 'a pause holds nothing back that is in hand, and loses nothing',
  };
}

function planOf(
  operation: Operation,
  action: string,
  item: PlanItem,
  filter: Plan['filter'],
): Plan {
  return makePlan(operation, {
    ...{ action, items: [item], filter, skipped: [], now: Date.now() },
  });
}

export const resumeExecutor: Executor = {
  async execute({ cells }, { endpoint, observed }) {
    const pause = (await readPauses(cells))[endpoint];
    if (!pause) return { outcome: 'yielded', to: 'it is not paused any more' };
    if (pause.since !== observed['since'] || pause.by !== observed['by']) {
      return { outcome: 'yielded', to: `${pause.by} paused it anew` };
    }
    await resumeEndpoint(cells, endpoint);
    return { outcome: 'done', sends: 0 };
  },
};

export const pauseExecutor: Executor = {
  async execute({ cells, actor }, { endpoint, observed }) {
    const reason = typeof observed['reason'] === 'string' ? observed['reason'] : null;
    const pause = { since: Date.now(), by: actorText(actor), reason };
    if (await pauseEndpoint(cells, endpoint, pause)) return { outcome: 'done', sends: 0 };
    const known = (await readPauses(cells))[endpoint];
    return { outcome: 'yielded', to: `${known?.by ?? 'somebody'} paused it meanwhile` };
  },
};
