/** Once a second: purges what outlived its retention, and draws numbers for copies before they end. */
import type { Lanes } from './broker.js';
import type { Copies } from './copies.js';
import { drawBlock } from './statements/draw-block.js';
import { purgeDedupe, purgeDispatched, purgeEntered } from './statements/purge.js';

const everyMs = 1000;
const rowsAtATime = 500;
/** Batches of one purge in a round: more than arrives in a second, and still no long transaction. */
const mostBatches = 40;

export interface Maintenance {
  readonly lanes: Lanes;
  readonly copies: Copies;
  readonly purges: boolean;
  readonly retentionMs: number;
}

/** Runs until the returned function is called, which waits for the round under way. */
export function startMaintenance(options: Maintenance): () => Promise<void> {
  let running: Promise<void> | null = null;
  let stopped = false;
  const timer = setInterval(() => {
    running ??= maintain(options, () => stopped)
      // Tried again at the next round; a store that stays broken fails the ports loudly.
      .catch(() => {})
      .finally(() => {
        running = null;
      });
  }, everyMs);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}

async function maintain(options: Maintenance, isStopped: () => boolean): Promise<void> {
  const { lanes, copies, purges, retentionMs } = options;
  if (copies.isLow) copies.use(await lanes.write.submit(drawBlock, null, 'soon'));
  if (!purges) return;
  for (const [statement, keptMs] of [
    [purgeDispatched, retentionMs],
    [purgeDedupe, 0],
    [purgeEntered, 0],
  ] as const) {
    for (let batch = 0; batch < mostBatches && !isStopped(); batch++) {
      const op = { retentionMs: keptMs, most: rowsAtATime };
      if ((await lanes.write.submit(statement, op, 'soon')) < rowsAtATime) break;
    }
  }
}
