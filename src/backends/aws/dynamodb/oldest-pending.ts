/**
 * What is pending, oldest first, by the index: its places are in the order of time. The place of an entry
 * item has the time of its own commit; that of an entity the time of the first commit since something of
 * it is pending, of whose followers none is older by the clock of its own worker. So a walk may end at
 * the first place that is too late by as much as clocks may be apart.
 */
import type { PendingEntry } from '../../../engine/ports.js';
import { Oldest } from '../shared/oldest.js';
import { partitionOf, shards, timeOfPlace } from './keys.js';
import { firstPlace, markedItems, type PendingSource, pendingOf } from './pending.js';

/** `doctor` complains long before clocks are so far apart. */
const skewMs = 5 * 60_000;

/**
 * The `limit` oldest that were committed before `olderThan`. Reads as many items in each of the shards
 * at most, and those of entities for another five minutes.
 */
export async function oldestPending(
  sources: readonly PendingSource[],
  endpoint: string,
  olderThan: number,
  limit: number,
): Promise<readonly PendingEntry[]> {
  const oldest = new Oldest(limit);
  const until = () => Math.min(olderThan, oldest.worst);
  await walk(sources, endpoint, until, (entry) => {
    if (entry.committedAt < olderThan) oldest.add(entry);
    return true;
  });
  return oldest.list();
}

/** Stops at `most`, and says so. */
export async function countPending(
  sources: readonly PendingSource[],
  endpoint: string,
  olderThan: number,
  most: number,
): Promise<{ readonly count: number; readonly exact: boolean }> {
  let count = 0;
  let exact = true;
  await walk(
    sources,
    endpoint,
    () => olderThan,
    ({ committedAt }) => {
      if (committedAt >= olderThan) return true;
      if (count >= most) exact = false;
      else count++;
      return exact;
    },
  );
  return { count, exact };
}

/** All shards side by side, each until `until`, or until `take` wants no more. */
async function walk(
  sources: readonly PendingSource[],
  endpoint: string,
  until: () => number,
  take: (entry: PendingEntry) => boolean,
): Promise<void> {
  let isWanted = true;
  const shard = async (
    { table, pendingIn, ownPlace }: PendingSource,
    source: number,
    at: number,
  ) => {
    const allowance = ownPlace ? 0 : skewMs;
    for await (const page of markedItems(table, partitionOf(endpoint, at), firstPlace)) {
      for (const { place, item } of page) {
        if (!isWanted || timeOfPlace(place) >= until() + allowance) return;
        for (const one of pendingOf(pendingIn(item), endpoint, { source, shard: at, place })) {
          isWanted &&= take(one);
        }
      }
    }
  };
  const walks = sources.flatMap((source, number) =>
    Array.from({ length: shards }, (_, at) => shard(source, number, at)),
  );
  await Promise.all(walks);
}
