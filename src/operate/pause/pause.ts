/** Pausing an endpoint and letting it go on: one record, which its workers look at; logged both ways. */
import {
  type Pause,
  pauseEndpoint,
  readPauses,
  resumeEndpoint,
} from '../../engine/control/pauses.js';
import { actorText } from '../actor.js';
import { logged } from '../log.js';
import type { Operation } from '../operation.js';

export const pauseAction = 'endpoint.pause';
export const resumeAction = 'endpoint.resume';

export interface PauseChange {
  readonly endpoint: string;
  /** False: it was so already. */
  readonly changed: boolean;
  /** The pause that holds now, or that ended; null: it was not paused. */
  readonly pause: Pause | null;
  /** Number of the log's entry; null when nothing was done. */
  readonly logId: number | null;
}

/** Safe to repeat. Errors: `usage` for an endpoint that is not there, `refused`, the stores' own. */
export async function pauseNamed(
  operation: Operation,
  name: string,
  reason: string | null,
): Promise<PauseChange> {
  const endpoint = operation.endpoint(name).name;
  operation.permit({ action: pauseAction, reason });
  const known = (await readPauses(operation.cells))[endpoint];
  if (known) return { endpoint, changed: false, pause: known, logId: null };
  const wanted = { since: Date.now(), by: actorText(operation.actor), reason };
  const { result, logId } = await logged(
    operation,
    { action: pauseAction, reason },
    { planId: null, about: `endpoint ${endpoint}` },
    async () => {
      const changed = await pauseEndpoint(operation.cells, endpoint, wanted);
      const pause = (await readPauses(operation.cells))[endpoint] ?? wanted;
      const undo = changed
        ? { action: pauseAction, backup: null, data: { endpoint, pause } }
        : null;
      return { result: { endpoint, changed, pause }, done: { counts: countsOf(changed), undo } };
    },
  );
  return { ...result, logId };
}

/** Safe to repeat. Errors: `usage` for an endpoint that is not there, `refused`, the stores' own. */
export async function resumeNamed(
  operation: Operation,
  name: string,
  reason: string | null,
): Promise<PauseChange> {
  const endpoint = operation.endpoint(name).name;
  operation.permit({ action: resumeAction, reason });
  const pause = (await readPauses(operation.cells))[endpoint];
  if (!pause) return { endpoint, changed: false, pause: null, logId: null };
  const { result, logId } = await logged(
    operation,
    { action: resumeAction, reason },
    { planId: null, about: `endpoint ${endpoint}` },
    async () => {
      const changed = await resumeEndpoint(operation.cells, endpoint);
      const undo = changed
        ? { action: resumeAction, backup: null, data: { endpoint, pause } }
        : null;
      return { result: { endpoint, changed, pause }, done: { counts: countsOf(changed), undo } };
    },
  );
  return { ...result, logId };
}

function countsOf(changed: boolean): Readonly<Record<string, number>> {
  return changed ? { done: 1 } : { already: 1 };
}

export interface PausableEndpoint {
  readonly endpoint: string;
  readonly pause: Pause | null;
}

/** All endpoints, in the order of the profile. */
export async function listPausable(operation: Operation): Promise<readonly PausableEndpoint[]> {
  const pauses = await readPauses(operation.cells);
  return operation.endpoints.map(({ name }) => ({ endpoint: name, pause: pauses[name] ?? null }));
}
