/** Injected stale reads of the business store: an older version of an entity, now and then. */
import type { BusinessStore, Entity } from '../../engine/ports.js';

const remembered = 5000;

/**
 * Answers a share of the loads with the entity as an earlier load of this process saw it, but only
 * when it has moved on since: a version never repeats, so the condition of a commit must catch it.
 */
export function staleReads(store: BusinessStore, share: number): BusinessStore {
  const seen = new Map<string, Entity>();
  return {
    load: async (endpoint, key, messageId) => {
      const fresh = await store.load(endpoint, key, messageId);
      const name = `${endpoint}/${key}`;
      const old = seen.get(name);
      seen.set(name, { ...fresh, entry: null });
      if (seen.size > remembered) seen.delete(seen.keys().next().value ?? '');
      return old && old.version < fresh.version && Math.random() < share ? old : fresh;
    },
    commit: (endpoint, key, expected, change) => store.commit(endpoint, key, expected, change),
    settle: (endpoint, messageId, from, to) => store.settle(endpoint, messageId, from, to),
    listPending: (endpoint, olderThan, after, limit) =>
      store.listPending(endpoint, olderThan, after, limit),
  };
}
