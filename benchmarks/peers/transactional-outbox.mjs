/**
 * pg-transactional-outbox 0.5, its inbox with the polling listener.
 *
 * Settings: by option those of its README (5 messages a poll, which is also how many it has at work, and
 * 250 ms between polls that found nothing), or more at a time. Messages may be handled in parallel
 * (`concurrency: 'parallel'`), protection from poisonous messages is on, both pools have as many
 * connections as there are messages at work. The second queue is a second inbox: the message is stored
 * by the library's storage in the handler's transaction, with no relay in between.
 *
 * Guarantee: exactly one effect on the database: deposit, new message and the mark on the old one commit
 * together; the inbox's primary key drops duplicates until it is cleaned.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  DatabaseSetup,
  getDisabledLogger,
  initializeMessageStorage,
  initializePollingMessageListener,
} from 'pg-transactional-outbox';
import {
  balanceQuery,
  batchesOf,
  bodyOf,
  createAccounts,
  deposit,
  firstQueue,
  secondQueue,
} from './accounts.mjs';
import { say } from './say.mjs';

const aggregateType = 'account';
const messageType = 'deposit';
let stopping = false;
/** Its shutdown ends the connections under messages that wait for one: what it says then is expected. */
const logger = { ...getDisabledLogger(), error: (...what) => stopping || say(...what) };

const settingsOf = (queue) => ({
  dbSchema: 'public',
  dbTable: `${queue}_inbox`,
  enableMaxAttemptsProtection: true,
  enablePoisonousMessageProtection: true,
  nextMessagesFunctionName: `next_${queue}_messages`,
  nextMessagesPollingIntervalInMs: 250,
});

export async function prepare(url, count) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await createAccounts(client);
  for (const queue of [firstQueue, secondQueue]) await createInbox(client, queue);
  for (const batch of batchesOf(count, 5000)) await seed(client, batch);
  await client.end();
}

/** By the library's own script; its index names hold only once in a schema, hence the suffix. */
async function createInbox(client, queue) {
  const config = {
    outboxOrInbox: 'inbox',
    database: 'unused',
    schema: 'public',
    table: `${queue}_inbox`,
    listenerRole: 'oncectl',
    nextMessagesName: `next_${queue}_messages`,
  };
  await client.query(DatabaseSetup.dropAndCreateTable(config));
  await client.query(DatabaseSetup.createPollingFunction(config));
  await client.query(
    DatabaseSetup.setupPollingIndexes({ ...config, outboxOrInbox: `${queue}_inbox` }),
  );
}

async function seed(client, batch) {
  const bodies = batch.map(bodyOf);
  await client.query(
    `insert into ${firstQueue}_inbox
      (id, aggregate_type, aggregate_id, message_type, payload, concurrency)
    select gen_random_uuid(), '${aggregateType}', value ->> 'account', '${messageType}', value, 'parallel'
    from jsonb_array_elements($1::jsonb)`,
    [JSON.stringify(bodies)],
  );
}

export async function start(connectionString, { atATime }, onHandled) {
  const store = initializeMessageStorage(
    { outboxOrInbox: 'inbox', settings: settingsOf(secondQueue) },
    logger,
  );
  const handler = {
    aggregateType,
    messageType,
    handle: async ({ payload }, client) => {
      await client.query(deposit(payload));
      await store(messageOf(payload), client);
      onHandled(1);
    },
  };
  const database = { connectionString, max: Math.max(10, atATime) };
  const config = {
    outboxOrInbox: 'inbox',
    dbHandlerConfig: database,
    dbListenerConfig: database,
    settings: { ...settingsOf(firstQueue), nextMessagesBatchSize: atATime },
  };
  const [shutdown] = initializePollingMessageListener(config, [handler], logger);
  return () => {
    stopping = true;
    return shutdown();
  };
}

function messageOf(payload) {
  return {
    id: randomUUID(),
    aggregateType,
    aggregateId: payload.account,
    messageType,
    payload,
    metadata: undefined,
    concurrency: 'parallel',
  };
}

export const outcome = {
  sent: `select count(*)::integer as count from ${secondQueue}_inbox`,
  deposited: balanceQuery,
};
