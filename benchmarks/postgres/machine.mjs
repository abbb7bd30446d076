/** What all processors of this machine did: what others use while something is measured disturbs it. */
import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const ticksPerSecond = 100;

export function machine() {
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .map(Number);
  return { busySeconds: (user + nice + system + irq + softirq) / ticksPerSecond };
}
