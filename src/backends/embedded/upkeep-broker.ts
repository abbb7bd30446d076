/** What operating finds and removes in the queues. A search takes about 0.5 s a million copies. */
import type { BrokerUpkeep } from '../../engine/upkeep.js';
import type { Env } from './env.js';
import { idBeginsWith, idIsOneOf, QueueSearch } from './queue-search.js';
import type { QueueTables } from './queue-tables.js';

/** Opens its handles: while nobody else commits. */
export function brokerUpkeep(env: Env, queues: QueueTables): BrokerUpkeep {
  const search = new QueueSearch(env);
  return {
    searching: 'reads',
    copies: async (endpoints, prefix, limit) =>
      env.read(() => search.look(endpoints, idBeginsWith(prefix), limit, Date.now())),
    copiesOf: async (endpoints, messageIds) =>
      env.read(() =>
        search.look(endpoints, idIsOneOf(messageIds), Number.POSITIVE_INFINITY, Date.now()),
      ),
    oldest: async (endpoint) => env.read(() => queues.lookOldest(endpoint, Date.now())),
    discard: (endpoint, receipt) =>
      env.write(() => queues.discard(endpoint, receipt), 'now', 'frees'),
  };
}
