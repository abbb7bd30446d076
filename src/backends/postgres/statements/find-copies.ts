/**
 * Searching the queues for messages by their ids. No index has them: one would cost every message. The
 * server reads the table instead, with parallel workers: about half a second a million copies.
 */
import type { QueuedCopy } from '../../../engine/upkeep.js';
import { escapeText, unescapeText, unpackFailures, unpackHex } from '../records.js';
import type { Row } from '../statement.js';
import type { Query } from '../upkeep-connection.js';
import { clock } from './clock.js';
import { receiptText } from './receipt.js';

const columns = `receives, failures, message, holder`;

/** Both tables in one statement: a copy that moves between them is in one of them. */
const copies = (condition: string, limit: string) => `with ${clock}
  select * from (
    select ${columns}, due, copy, leased_until, null::float8 as dead_at, clock.now from queue, clock
    where endpoint = any($1::text[]) and ${condition}
    union all
    select ${columns.replace('holder', 'null')}, 0, copy, 0, dead_at, 0 from dead
    where endpoint = any($1::text[]) and ${condition}
  ) c ${limit}`;

/** Copies whose message id begins with the prefix; any number with a limit of Infinity. */
export function copiesByPrefix(endpoints: readonly string[], prefix: string, limit: number): Query {
  return {
    sql: copies('starts_with(message_id, $2::text)', 'limit $3::bigint'),
    values: [endpoints.map(escapeText), escapeText(prefix), Number.isFinite(limit) ? limit : null],
  };
}

/** Every copy of any of these messages. */
export function copiesById(endpoints: readonly string[], messageIds: readonly string[]): Query {
  return {
    sql: copies('message_id = any($2::text[])', ''),
    values: [endpoints.map(escapeText), messageIds.map(escapeText)],
  };
}

/** What the columns of a copy tell. Times of the queue are microseconds by the server's clock. */
export function queuedCopy(row: Row): QueuedCopy {
  const [receives, failures, message, holder, due, copy, leasedUntil, deadAt, now] = row;
  const common = {
    message: unpackHex<QueuedCopy['message']>(message ?? ''),
    receives: Number(receives),
    failures: unpackFailures(failures),
  };
  if (typeof deadAt === 'string') {
    const dead = { state: 'dead', at: Number(deadAt), holder: null } as const;
    return { ...common, ...dead, receipt: copy ?? '' };
  }
  const place = placeOf(Number(due), Number(leasedUntil), Number(now));
  const holds = place.state === 'in-flight' && typeof holder === 'string';
  const receipt = { due: Number(due), copy: Number(copy), receives: Number(receives) };
  return {
    ...{ ...common, ...place, receipt: receiptText(receipt) },
    holder: holds ? unescapeText(holder) : null,
  };
}

function placeOf(due: number, leasedUntil: number, now: number): Pick<QueuedCopy, 'state' | 'at'> {
  if (leasedUntil > now) return { state: 'in-flight', at: leasedUntil / 1000 };
  if (due > now) return { state: 'delayed', at: due / 1000 };
  return { state: 'visible', at: Math.max(due, leasedUntil) / 1000 };
}

/** Since when the first copy waits that is due, leased or not, in microseconds; by the queue's index. */
export function oldestDue(endpoint: string): Query {
  return {
    sql: `with ${clock}
      select due from queue where endpoint = $1 and due <= (select now from clock)
      order by due limit 1`,
    values: [escapeText(endpoint)],
  };
}

/** Removes a dead letter; a row when it was there. */
export function discardCopy(endpoint: string, copy: number): Query {
  return {
    sql: 'delete from dead where endpoint = $1 and copy = $2::bigint returning 1',
    values: [escapeText(endpoint), copy],
  };
}
