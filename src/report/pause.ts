/** Renders pauses, and what came of setting or ending one. */
import type { PausableEndpoint, PauseChange } from '../operate/pause/pause.js';
import { ageCell, clockTime } from './ages.js';
import type { ResultOf } from './documents/table.js';

/** `endpoint pause`. */
export function pausedResult(
  deployment: string,
  change: PauseChange,
  now: number,
): ResultOf<'endpoint.pause'> {
  const { endpoint, changed, pause, logId } = change;
  const text = changed
    ? `${endpoint} is paused: its workers receive nothing within a second; log entry ${logId}\n` +
      `let it go on: oncectl endpoint resume ${endpoint}\n`
    : `${endpoint} was paused already, by ${pause?.by} since ${clockTime(pause?.since ?? now, now)}\n`;
  return { name: 'endpoint.pause', data: change, about: { deployment }, text, ids: [endpoint] };
}

/** `endpoint resume`. */
export function resumedResult(
  deployment: string,
  change: PauseChange,
  now: number,
): ResultOf<'endpoint.resume'> {
  const { endpoint, changed, pause, logId } = change;
  const since = pause ? `, by ${pause.by} since ${clockTime(pause.since, now)}` : '';
  const text = changed
    ? `${endpoint} goes on; it was paused${since}; log entry ${logId}\n`
    : `${endpoint} was not paused\n`;
  return { name: 'endpoint.resume', data: change, about: { deployment }, text, ids: [endpoint] };
}

/** `endpoint list`. */
export function pausableResult(
  deployment: string,
  endpoints: readonly PausableEndpoint[],
  now: number,
): ResultOf<'endpoint.list'> {
  return {
    name: 'endpoint.list',
    data: endpoints,
    about: { deployment },
    table: {
      columns: [
        { name: 'endpoint' },
        { name: 'state' },
        { name: 'for', align: 'right' },
        { name: 'by' },
        { name: 'reason' },
      ],
      rows: endpoints.map(({ endpoint, pause }) => [
        endpoint,
        pause ? 'paused' : 'working',
        ageCell(pause?.since ?? null, now),
        pause?.by ?? null,
        pause?.reason ?? null,
      ]),
    },
  };
}
