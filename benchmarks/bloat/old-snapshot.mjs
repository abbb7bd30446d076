/**
 * What makes every queue in a table bloat: a transaction somewhere in the database that stays open, a
 * report, a dump, a forgotten session. While its snapshot lives, rows that die after it stay.
 */
import { withClient } from '../postgres/server.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits that long, and holds a snapshot for as long again. */
export async function withOldSnapshot(url, ms) {
  await pause(ms);
  await withClient(url, async (client) => {
    await client.query('begin isolation level repeatable read');
    await client.query('select count(*) from pg_class');
    await pause(ms);
    await client.query('rollback');
  });
}
