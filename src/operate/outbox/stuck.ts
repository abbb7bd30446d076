/**
 * What is stuck: an entry or slot that has stood undispatched for longer than a threshold. Whether some
 * worker is still at it is told by the broker, where the broker can tell.
 */
import type { PendingEntry } from '../../engine/ports.js';
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { OperatedEndpoint, Operation } from '../operation.js';

export interface StuckQuery {
  /** Empty: all. */
  readonly endpoints: readonly string[];
  /** Only what was committed so long ago, ms. */
  readonly olderThanMs: number;
  readonly step: PendingEntry['step'] | null;
  /** Key of the entity; null for all. */
  readonly entity: string | null;
  /** Part of the last failure's text; null for all. */
  readonly error: string | null;
  readonly sort: 'age' | 'endpoint';
  readonly limit: number;
  /** Where the page before ended. */
  readonly after: string | null;
}

export interface StuckEntry {
  readonly endpoint: string;
  readonly messageId: string;
  readonly key: string;
  readonly step: PendingEntry['step'];
  /** Worker that committed it. */
  readonly worker: string;
  readonly committedAt: number;
  /** Who has a lease on the message now; null for nobody, `unknown` where the broker does not tell. */
  readonly holder: LiveHolder | null | 'unknown';
  /** When the message comes again by itself; null: not by itself, or not known. */
  readonly redeliveredAt: number | null;
  /** Where its message is; empty: nowhere that could be looked at. */
  readonly copies: readonly QueuedCopy['state'][];
  /** Text of the last failed attempt; null when there was none, or it is not known. */
  readonly lastError: string | null;
}

export interface LiveHolder {
  readonly worker: string | null;
  readonly leaseEnd: number;
}

/** What was looked at, and what was not. */
export interface Coverage {
  readonly endpoint: string;
  readonly store: 'broker' | 'business' | 'dedupe' | 'payload';
  readonly searched: boolean;
  /** Why not; null when it was. */
  readonly why: string | null;
}

export interface StuckPage {
  readonly entries: readonly StuckEntry[];
  /** Pass it as `after`; null on the last page. */
  readonly next: string | null;
  /** All that match, of every page; inexact when counting stopped. */
  readonly total: number;
  readonly exact: boolean;
  readonly coverage: readonly Coverage[];
}

const countAtMost = 100_000;

/** Reads only. Rejects with the stores' errors; `usage` for an endpoint that is not there. */
export async function findStuck(operation: Operation, query: StuckQuery): Promise<StuckPage> {
  const chosen =
    query.endpoints.length === 0
      ? operation.endpoints
      : query.endpoints.map((name) => operation.endpoint(name));
  const olderThan = Date.now() - query.olderThanMs;
  const filters = query.step !== null || query.entity !== null || query.error !== null;
  const skip = query.after === null ? 0 : Number(query.after);
  const found = await Promise.all(
    chosen.map(async (endpoint) => {
      const wanted = filters ? countAtMost : skip + query.limit + 1;
      const pending = await endpoint.upkeep.business.oldestPending(
        endpoint.name,
        olderThan,
        wanted,
      );
      const count = filters
        ? { count: 0, exact: pending.length < wanted }
        : await endpoint.upkeep.business.countPending(endpoint.name, olderThan, countAtMost);
      const plain = pending.filter((entry) => matches(entry, query));
      return { endpoint, pending: plain, count };
    }),
  );
  const byAge = (left: PendingEntry, right: PendingEntry) => left.committedAt - right.committedAt;
  const all = found.flatMap(({ pending }) => pending);
  if (query.sort === 'age') all.sort(byAge);
  const holders = await holdersOf(chosen, query.error === null ? page(all, skip, query) : all);
  const detailed = (query.error === null ? page(all, skip, query) : all)
    .map((entry) => detail(entry, holders, operation))
    .filter(({ lastError }) => query.error === null || (lastError ?? '').includes(query.error));
  const entries = query.error === null ? detailed : page(detailed, skip, query);
  const matching = query.error === null ? all.length : detailed.length;
  const counted = found.reduce((sum, { count }) => sum + count.count, 0);
  return {
    entries,
    next: matching > skip + entries.length ? String(skip + entries.length) : null,
    total: filters ? matching : counted,
    exact: found.every(({ count }) => count.exact),
    coverage: coverageOf(chosen),
  };
}

function matches(entry: PendingEntry, { step, entity }: StuckQuery): boolean {
  return (step === null || entry.step === step) && (entity === null || entry.key === entity);
}

function page<T>(all: readonly T[], skip: number, { limit }: StuckQuery): readonly T[] {
  return all.slice(skip, skip + limit);
}

type Holders = ReadonlyMap<string, readonly QueuedCopy[] | 'unknown'>;

/** One search of each broker for all ids together. */
async function holdersOf(
  endpoints: readonly OperatedEndpoint[],
  entries: readonly PendingEntry[],
): Promise<Holders> {
  const holders = new Map<string, readonly QueuedCopy[] | 'unknown'>();
  for (const { name, upkeep } of endpoints) {
    const ids = new Set(
      entries.filter(({ endpoint }) => endpoint === name).map(({ messageId }) => messageId),
    );
    if (ids.size === 0) continue;
    if (upkeep.broker.searching === 'receives') {
      for (const id of ids) holders.set(`${name}/${id}`, 'unknown');
      continue;
    }
    for (const copy of await upkeep.broker.copiesOf([name], ids)) {
      const at = `${name}/${copy.message.id}`;
      const known = holders.get(at) ?? [];
      if (known !== 'unknown') holders.set(at, [...known, copy]);
    }
  }
  return holders;
}

function detail(
  entry: PendingEntry,
  holders: Holders,
  { isGone }: Pick<Operation, 'isGone'>,
): StuckEntry {
  const { endpoint, messageId, key, step, worker, committedAt } = entry;
  const copies = holders.get(`${endpoint}/${messageId}`) ?? [];
  const plain = { endpoint, messageId, key, step, worker, committedAt };
  if (copies === 'unknown') {
    return { ...plain, holder: 'unknown', redeliveredAt: null, copies: [], lastError: null };
  }
  const alive = copies.filter(({ state }) => state !== 'dead');
  const held = alive.find(({ state, holder }) => state === 'in-flight' && !isGone(holder));
  return {
    ...plain,
    holder: held ? { worker: held.holder, leaseEnd: held.at } : null,
    redeliveredAt: alive.length === 0 ? null : Math.min(...alive.map(({ at }) => at)),
    copies: copies.map(({ state }) => state),
    lastError: copies.flatMap(({ failures }) => failures).at(-1)?.error ?? null,
  };
}

function coverageOf(endpoints: readonly OperatedEndpoint[]): readonly Coverage[] {
  return endpoints
    .filter(({ upkeep }) => upkeep.broker.searching === 'receives')
    .map(({ name }) => ({
      endpoint: name,
      store: 'broker',
      searched: false,
      why: 'this broker shows its messages only to who receives them, so a live holder is not known',
    }));
}
