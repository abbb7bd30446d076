/** The pacer's thread: does nothing but wait for the next intended time and post what is due. */
import { readlinkSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { ArrivalCursor } from './arrivals.js';
import { machineNow } from './clock.js';
import type { PacerStart } from './pacer.js';
import { pace, wakeUpLeadUs } from './pacing.js';
import { planStages } from './rates.js';

const { load, seed, startAt, stop } = workerData as PacerStart;
const port = parentPort;
if (port === null) throw new Error('pacer-worker.js runs in a worker thread only');

sleepPrecisely();
const stages = planStages(load.stages);
pace({
  cursor: new ArrivalCursor(stages, load.arrival, seed),
  stages,
  elapsed: () => machineNow() - startAt,
  // Unlike a timer, which counts whole milliseconds, this takes fractions.
  sleep: (ms) => Atomics.wait(stop, 0, 0, ms) === 'timed-out',
  leadUs: wakeUpLeadUs,
  post: (due) => port.postMessage(due),
});

/**
 * Linux lets a sleep end up to 50 us late, to save wake-ups. Asks for 1 us in this thread alone; where
 * that is not to be had, the pacer is that much less exact.
 */
function sleepPrecisely(): void {
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1);
    writeFileSync(`/proc/${thread}/timerslack_ns`, '1000');
  } catch {
    // Another system, or a sandbox without /proc.
  }
}
