/**
 * What is pending, by a sparse index that holds only the items with pending entries or slots. It costs
 * two write units a message and no request, which an item that points to each entry would: that is two
 * writes as well, and a round trip before every commit. The index lags behind by some milliseconds, so
 * the newest may be missing; what is listed is read from the table itself, and true.
 *
 * Its places are in the order of time, so that an operator finds the oldest without reading the rest. So
 * all writes of a moment go to the same end of a partition, which the service then cannot split: `shards`
 * alone is what an endpoint can take.
 */
import type { PendingEntry } from '../../../engine/ports.js';
import { entriesOf, slotOf } from './entity-item.js';
import { headOf, stepOf } from './entry-item.js';
import { type Item, textOf } from './item.js';
import { partitionOf, shards, splitKey } from './keys.js';
import type { Marked, Table } from './table.js';

type Found = Omit<PendingEntry, 'cursor' | 'endpoint'>;

/** A table with the index, and what is pending in one of its items. */
export interface PendingSource {
  readonly table: Table;
  readonly pendingIn: (item: Item) => readonly Found[];
  /** The place of an item has the time of what it is, not of the first of what lies in it. */
  readonly ownPlace: boolean;
}

/** A place in the index of one of the tables. */
interface Spot {
  readonly source: number;
  readonly shard: number;
  readonly place: string;
}

/** Where a listing goes on: source, shard, place in the index, and thing within the item. */
interface Cursor extends Spot {
  readonly inner: string;
}

export interface PendingQuery {
  readonly endpoint: string;
  readonly olderThan: number;
  readonly after: string | null;
  readonly limit: number;
}

/** Index keys in a request; each of them is then read. */
const pageSize = 100;

export async function listPending(
  sources: readonly PendingSource[],
  query: PendingQuery,
): Promise<PendingEntry[]> {
  const found: PendingEntry[] = [];
  for await (const one of pendingFrom(sources, query.endpoint, cursorOf(query.after))) {
    if (one.committedAt >= query.olderThan) continue;
    found.push(one);
    if (found.length >= query.limit) break;
  }
  return found;
}

async function* pendingFrom(
  sources: readonly PendingSource[],
  endpoint: string,
  from: Cursor,
): AsyncIterable<PendingEntry> {
  for (const [at, source] of sources.entries()) {
    if (at < from.source) continue;
    for (let shard = at === from.source ? from.shard : 0; shard < shards; shard++) {
      const isFirst = at === from.source && shard === from.shard;
      const start = { source: at, shard, place: firstPlace, inner: '' };
      yield* pendingInShard(source, endpoint, isFirst ? from : start);
    }
  }
}

async function* pendingInShard(
  { table, pendingIn }: PendingSource,
  endpoint: string,
  from: Cursor,
): AsyncIterable<PendingEntry> {
  for await (const page of markedItems(table, partitionOf(endpoint, from.shard), from.place)) {
    for (const { place, item } of page) {
      const { source, shard } = from;
      for (const one of pendingOf(pendingIn(item), endpoint, { source, shard, place })) {
        if (place !== from.place || innerOf(one) > from.inner) yield one;
      }
    }
  }
}

/** What is pending of an item, each with the cursor behind it, in their order. */
export function pendingOf(
  found: readonly Found[],
  endpoint: string,
  spot: Spot,
): readonly PendingEntry[] {
  return inOrder(found).map((one) => {
    return { ...one, endpoint, cursor: cursorText({ ...spot, inner: innerOf(one) }) };
  });
}

/** An item that has a mark, read from the table itself; empty when it is gone by now. */
export interface MarkedItem extends Marked {
  readonly item: Item;
}

/** Items of one partition of the index from `place` on, in the order of places, page by page. */
export async function* markedItems(
  table: Table,
  partition: string,
  place: string,
): AsyncGenerator<readonly MarkedItem[]> {
  for (let from = place, seen: string | null = null; ; ) {
    const marked: readonly Marked[] = await table.queryPending(partition, from, pageSize);
    // The last item of a page comes again in front of the next one.
    const fresh = marked.filter((one) => one.place !== seen);
    const items = await Promise.all(fresh.map(({ key }) => table.read(key)));
    yield fresh.map((one, at) => ({ ...one, item: items[at] ?? {} }));
    const last = marked.at(-1);
    if (last === undefined || marked.length < pageSize) return;
    from = last.place;
    seen = last.place;
  }
}

/** Entries and slot of an entity's item. */
export function pendingInEntity(item: Item): readonly Found[] {
  const { rest: key } = splitKey(textOf(item['key']) ?? '');
  const entries = Object.entries(entriesOf(item)).flatMap(([messageId, { M = {} }]) =>
    pendingEntry(messageId, M),
  );
  const slot = slotOf(item);
  if (slot === null) return entries;
  const { messageId, worker, committedAt } = slot;
  return [...entries, { key, messageId, worker, committedAt, step: 'slot' }];
}

/** The entry that an item of its own holds. */
export function pendingInEntryItem(item: Item): readonly Found[] {
  return pendingEntry(splitKey(textOf(item['key']) ?? '').rest, item);
}

function pendingEntry(messageId: string, attributes: Item): readonly Found[] {
  const step = stepOf(attributes);
  if (step === 'dispatched' || !attributes['step']) return [];
  const { key, worker, committedAt } = headOf(attributes);
  return [{ key, messageId, step, worker, committedAt }];
}

/** Not above any place; a key cannot be empty, not even one that is compared with. */
export const firstPlace = '0';

function innerOf({ step, messageId }: Pick<Found, 'step' | 'messageId'>): string {
  return step === 'slot' ? 's' : `e${messageId}`;
}

function inOrder(found: readonly Found[]): readonly Found[] {
  return [...found].sort((left, right) => (innerOf(left) < innerOf(right) ? -1 : 1));
}

function cursorText({ source, shard, place, inner }: Cursor): string {
  return `${source}.${shard}.${place}.${inner}`;
}

function cursorOf(after: string | null): Cursor {
  if (after === null) return { source: 0, shard: 0, place: firstPlace, inner: '' };
  const [source, shard, place = firstPlace, ...inner] = after.split('.');
  return { source: Number(source), shard: Number(shard), place, inner: inner.join('.') };
}
