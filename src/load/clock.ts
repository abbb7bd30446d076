/** The clock that the generator's threads share. Milliseconds with fractions, throughout. */
import { preciseNow } from '../engine/clock.js';

/** Ms of a clock that all threads and processes of this machine share; its zero means nothing. */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * What to add to this thread's epoch time to get the machine's clock. The two are read one after
 * the other, and the thread may lose its core in between: the closest of a few readings counts.
 */
export function machineOffset(): number {
  let offset = 0;
  let closest = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < 9; reading++) {
    const before = preciseNow();
    const machine = machineNow();
    const between = preciseNow() - before;
    if (between >= closest) continue;
    closest = between;
    offset = machine - (before + between / 2);
  }
  return offset;
}
