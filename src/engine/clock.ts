const origin = performance.timeOrigin;

/** Ms since the epoch, with fractions; never steps back within a process. */
export function preciseNow(): number {
  return origin + performance.now();
}
