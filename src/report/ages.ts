/** Moments as people read them beside a table: how long ago, or how soon. */
import { isoTime } from '../engine/iso-time.js';
import { formatDuration } from './format.js';
import type { Cell } from './output.js';

/** `6m12s` on a terminal, ISO-8601 elsewhere; null is null. */
export function ageCell(at: number | null, now: number): Cell {
  if (at === null) return null;
  return { shown: formatDuration(Math.max(0, now - at)), exact: isoTime(at) };
}

/** `in 3m48s` for what is to come. */
export function soonCell(at: number | null, now: number): Cell {
  if (at === null) return null;
  const shown = at <= now ? 'now' : `in ${formatDuration(at - now)}`;
  return { shown, exact: isoTime(at) };
}

/** 08:35:00.102 by the clock of whoever reads; the date is added when it is not today's. */
export function clockTime(ms: number, now: number): string {
  const at = new Date(ms);
  const time = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return at.toDateString() === new Date(now).toDateString()
    ? time
    : `${isoTime(ms).slice(0, 10)} ${time}`;
}
