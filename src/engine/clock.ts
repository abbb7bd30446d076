/** Time with fractions of a millisecond that agrees across the threads and processes of one machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
