/** Waiting between tries: longer each time, and never as long as another process does. */

const firstMs = 20;
const longestMs = 2000;

/** Resolves after up to `2^tries` times the first pause, at least half of it. */
export function pause(tries: number): Promise<void> {
  const most = Math.min(longestMs, firstMs * 2 ** tries);
  const ms = most * (0.5 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, ms));
}
