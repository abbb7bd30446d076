/**
 * The pacer's loop, apart from threads: sleeps until the next intended time and says how many
 * messages are due. After a pause of the machine everything that is due is due at once: times are
 * never moved, rates never shaped.
 */
import type { ArrivalCursor } from './arrivals.js';
import type { PlannedStage } from './rates.js';

export interface Pacing {
  readonly cursor: ArrivalCursor;
  readonly stages: readonly PlannedStage[];
  /** Ms since the load began, with fractions; negative before. */
  elapsed(): number;
  /** Sleeps about `ms`, a fraction too; may wake early. False: stop. */
  sleep(ms: number): boolean;
  /** Posts this much ahead of the times; default 0. */
  readonly leadUs?: number;
  /** `due` messages, from the first on, are due by now. Rises with every call. */
  post(due: number): void;
}

/** Above this rate, per second, waking for each message costs more than it gains. */
const exactUpTo = 2000;
/** Then wakes are at least this far apart, ms. */
const coalesceMs = 0.25;
/**
 * Waking the sending thread takes longer than this, so the word goes out this much ahead; should it
 * get there early after all, the sender waits for the time itself.
 */
export const wakeUpLeadUs = 40;
/** A stop is noticed after this at the latest, however far off the next message is. */
const longestSleepMs = 1000;

/** Returns when all was due, or when `sleep` said stop. */
export function pace(pacing: Pacing): void {
  const { cursor } = pacing;
  const lead = pacing.leadUs ?? 0;
  let posted = 0;
  while (!cursor.done) {
    const nowUs = pacing.elapsed() * 1000 + lead;
    while (cursor.atUs <= nowUs) cursor.advance();
    if (cursor.index > posted) {
      posted = cursor.index;
      pacing.post(posted);
      continue; // Posting took time: read the clock again.
    }
    if (!pacing.sleep(sleepOf(pacing, nowUs))) return;
  }
}

function sleepOf({ cursor, stages }: Pacing, nowUs: number): number {
  const untilNext = (cursor.atUs - nowUs) / 1000;
  const peak = stages[cursor.stage]?.peakPerSecond ?? 0;
  const least = peak > exactUpTo ? coalesceMs : 0;
  return Math.min(longestSleepMs, Math.max(least, untilNext));
}
