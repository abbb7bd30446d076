/** Removes what outlived its retention: dedupe records, entered records, dispatched entries. */
import type { Database } from 'lmdb';
import type { DedupeRecord } from '../../engine/ports.js';
import type { DispatchedRow } from './entity-tables.js';
import type { Env } from './env.js';
import { unpack } from './records.js';

/** A purge looks at so many records of an endpoint that are still kept, then leaves it. */
const keptInARow = 8;
const mostPerEndpoint = 2000;
const perTransaction = 250;

/**
 * Keys begin with endpoint and message id, and ids sort by time: what is overdue lies in front. A few
 * late ones behind younger ones wait for the next round.
 */
function overdueKeys(
  table: Database<Buffer, string>,
  isOverdue: (value: Buffer) => boolean,
): string[] {
  const found: string[] = [];
  let start: string | undefined;
  for (;;) {
    const first = [...table.getKeys({ ...(start === undefined ? {} : { start }), limit: 1 })][0];
    if (first === undefined) return found;
    const endpoint = first.slice(0, first.indexOf('/'));
    overdueOf(table, endpoint, isOverdue, found);
    start = `${endpoint}0`;
  }
}

function overdueOf(
  table: Database<Buffer, string>,
  endpoint: string,
  isOverdue: (value: Buffer) => boolean,
  found: string[],
): void {
  let kept = 0;
  const range = { start: `${endpoint}/`, end: `${endpoint}0`, limit: mostPerEndpoint };
  for (const { key, value } of table.getRange(range)) {
    if (isOverdue(value)) {
      found.push(key);
      kept = 0;
    } else if (++kept >= keptInARow) return;
  }
}

async function removeAll(env: Env, table: Database<Buffer, string>, keys: string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += perTransaction) {
    const chunk = keys.slice(at, at + perTransaction);
    await env.write(
      () => {
        for (const key of chunk) table.remove(key);
      },
      'soon',
      'frees',
    );
  }
}

/** Records whose own expiry has passed. */
export async function purgeExpired(env: Env, table: Database<Buffer, string>): Promise<void> {
  const now = Date.now();
  const isOverdue = (value: Buffer) => unpack<DedupeRecord>(value).expires <= now;
  await removeAll(
    env,
    table,
    env.read(() => overdueKeys(table, isOverdue)),
  );
}

/** Outbox entries dispatched longer than `retentionMs` ago. */
export async function purgeDispatched(
  env: Env,
  table: Database<Buffer, string>,
  retentionMs: number,
): Promise<void> {
  const before = Date.now() - retentionMs;
  const isOverdue = (value: Buffer) => unpack<DispatchedRow>(value).at <= before;
  await removeAll(
    env,
    table,
    env.read(() => overdueKeys(table, isOverdue)),
  );
}
