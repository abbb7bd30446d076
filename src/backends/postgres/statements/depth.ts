import type { QueueDepth } from '../../../engine/ports.js';
import { texts } from '../arrays.js';
import { byPosition, type Statement } from '../statement.js';
import { clock } from './clock.js';

/** What is in the queue of an endpoint and among its dead letters; any number of endpoints a call. */
export const depth: Statement<string, QueueDepth> = {
  name: 'depth',
  sql: `with ${clock}
    select a.n, queued.visible, queued.in_flight, queued.delayed,
      (select count(*) from dead d where d.endpoint = a.endpoint)
    from unnest($1::text[]) with ordinality as a(endpoint, n)
    cross join lateral (
      select count(*) filter (where due <= clock.now and leased_until <= clock.now) as visible,
        count(*) filter (where leased_until > clock.now) as in_flight,
        count(*) filter (where due > clock.now and leased_until <= clock.now) as delayed
      from queue q, clock where q.endpoint = a.endpoint
    ) queued`,
  bind: (ops) => [texts(ops)],
  read: (ops, rows) =>
    byPosition(ops, rows).map((row) => ({
      visible: Number(row?.[1] ?? 0),
      inFlight: Number(row?.[2] ?? 0),
      delayed: Number(row?.[3] ?? 0),
      dead: Number(row?.[4] ?? 0),
    })),
};
