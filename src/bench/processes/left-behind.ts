/** Lists what a run left in the stores: for the report, and to begin with the operate commands. */
import type { OpenedDeployment } from '../../deployment/open.js';
import type { DeadLetter, PendingEntry } from '../../engine/ports.js';
import type { Profile } from '../../profile/types.js';
import type { LeftBehind } from '../result.js';

const pageSize = 500;

/** Counts stuck entries by step and dead letters by error, over all endpoints. */
export async function leftBehind(
  { deployment }: Profile,
  opened: OpenedDeployment,
  orphans: number,
): Promise<LeftBehind> {
  const stuck: Record<string, number> = {};
  const dead: Record<string, number> = {};
  for (const profile of deployment.endpoints) {
    const { name: endpoint } = profile;
    const { broker, business } = opened.portsOf(profile);
    const entries = (after: string | null) =>
      business.listPending(endpoint, Number.POSITIVE_INFINITY, after, pageSize);
    for await (const { step } of paged(entries, ({ cursor }: PendingEntry) => cursor)) {
      stuck[step] = (stuck[step] ?? 0) + 1;
    }
    const letters = (after: string | null) => broker.listDead(endpoint, after, pageSize);
    for await (const { failures } of paged(letters, ({ receipt }: DeadLetter) => receipt)) {
      const error = failures.at(-1)?.error ?? 'unknown';
      dead[error] = (dead[error] ?? 0) + 1;
    }
  }
  return { stuck, dead, orphans };
}

async function* paged<T>(
  page: (after: string | null) => Promise<readonly T[]>,
  cursorOf: (item: T) => string,
): AsyncIterable<T> {
  for (let after: string | null = null; ; ) {
    const items: readonly T[] = await page(after);
    yield* items;
    const last = items.at(-1);
    if (last === undefined) return;
    after = cursorOf(last);
  }
}
