/**
 * Fills schemas of a PostgreSQL database: the rows that the ports would write, in large inserts. The
 * statistics are left to autovacuum, as in production.
 */
import { postgresProvisioner } from '../../dist/src/backends/postgres/index.js';
import { pack, packOutgoing } from '../../dist/src/backends/postgres/records.js';
import { copiesByPrefix } from '../../dist/src/backends/postgres/statements/find-copies.js';
import { oldestEntries } from '../../dist/src/backends/postgres/statements/find-entries.js';
import { withClient } from '../postgres/server.mjs';
import {
  EntriesAsked,
  endpoints,
  entryBatches,
  entryEndpoint,
  MessagesAsked,
  messageBatches,
  oldestAsked,
  shapes,
} from './data.mjs';

const batchRows = 5_000;

const insertMessages = `insert into queue
    (endpoint, due, copy, leased_until, receives, message_id, message)
  select endpoint, due, copy, 0, 0, id, message
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[])
    as m(endpoint, due, copy, id, message)`;

const insertEntries = `insert into entries
    (endpoint, message_id, key, transaction, step, worker, committed_at, outgoing, bodies)
  select $1, id, key, transaction, 'committed', 'worker-1', committed_at, outgoing, bodies
  from unnest($2::text[], $3::text[], $4::text[], $5::float8[], $6::bytea[], $7::bytea[])
    as e(id, key, transaction, committed_at, outgoing, bodies)`;

/** Three schemas: one with the messages, one for each shape of the entries. */
export async function fillPostgres(url, { messages, entries }) {
  const filled = [await withMessages(url, 'messages', messages)];
  for (const [at, shape] of shapes.entries()) {
    filled.push(await withEntries(url, `entries_${at}`, entries, shape));
  }
  return filled;
}

async function withMessages(url, schema, count) {
  const about = new MessagesAsked();
  let copy = 0;
  await inSchema(url, schema, async (client) => {
    for (const batch of messageBatches(count, batchRows)) {
      await client.query(insertMessages, [
        batch.map(({ endpoint }) => endpoint),
        batch.map(({ headers }) => Math.round(headers.sentAt * 1000)),
        batch.map(() => copy++),
        batch.map(({ id }) => id),
        batch.map((message) => pack(message)),
      ]);
      about.note(batch);
    }
  });
  return { target: { backend: 'postgres', url, schema }, what: 'messages', about };
}

async function withEntries(url, schema, count, shape) {
  const about = new EntriesAsked();
  await inSchema(url, schema, async (client) => {
    for (const batch of entryBatches(count, batchRows, shape)) {
      const packed = batch.map(({ messages }) => packOutgoing(messages));
      await client.query(insertEntries, [
        entryEndpoint,
        batch.map(({ messageId }) => messageId),
        batch.map(({ key }) => key),
        batch.map(({ transaction }) => transaction),
        batch.map(({ committedAt }) => committedAt),
        packed.map(({ outgoing }) => outgoing),
        packed.map(({ bodies }) => bodies),
      ]);
      about.note(batch);
    }
  });
  return { target: { backend: 'postgres', url, schema }, what: `entries ${shape}`, about };
}

async function inSchema(url, schema, fill) {
  const provisioner = postgresProvisioner({ url, schema });
  await provisioner.create();
  await provisioner.close();
  await withClient(url, async (client) => {
    await client.query(`set search_path = ${schema}`);
    await fill(client);
  });
}

/** How the server carries out what is asked: the plan, without its costs. */
export async function plansOf({ target, about }) {
  const { sql, values } = about.oldest
    ? oldestEntries(about.endpoint, Number.MAX_SAFE_INTEGER, oldestAsked)
    : copiesByPrefix(endpoints, about.early, oldestAsked);
  return withClient(target.url, async (client) => {
    await client.query(`set search_path = ${target.schema}; set jit = off`);
    const { rows } = await client.query(`explain (costs off) ${sql}`, values);
    return rows.map((row) => row['QUERY PLAN']).filter((line) => !/Filter:|Cond:/.test(line));
  });
}
