/**
 * pg-transactional-outbox 0.5, its inbox.
 *
 * Settings, by option: the polling listener with those of its README (5 messages a poll, which is also
 * how many it has at work, and 250 ms between polls that found nothing) or more at a time; or the
 * replication listener, which reads the inbox from the server's log (a server setting and a role with
 * REPLICATION), with its semaphore for messages at a time. Messages may be handled in parallel, protection
 * from poisonous messages is on, as the README advises for an inbox; the pool has a connection for each
 * message at work. The second queue is a second inbox: the message is stored by the library's storage in
 * the handler's transaction, with no relay in between.
 *
 * Guarantee: exactly one effect on the database: deposit, new message and the mark on the old one commit
 * together; the inbox's primary key drops duplicates until it is cleaned.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  createReplicationSemaphoreConcurrencyController,
  DatabaseSetup,
  getDisabledLogger,
  initializeMessageStorage,
  initializePollingMessageListener,
  initializeReplicationMessageListener,
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

const slot = 'first_inbox_slot';
const publication = 'first_inbox_publication';

const settingsOf = (queue) => ({
  dbSchema: 'public',
  dbTable: `${queue}_inbox`,
  enableMaxAttemptsProtection: true,
  enablePoisonousMessageProtection: true,
  dbPublication: publication,
  dbReplicationSlot: slot,
  nextMessagesFunctionName: `next_${queue}_messages`,
  nextMessagesPollingIntervalInMs: 250,
});

export async function prepare(url, count, { listener }, adminUrl) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await createAccounts(client);
  for (const queue of [firstQueue, secondQueue]) await createInbox(client, queue);
  if (listener === 'replication') await createSlot(adminUrl);
  for (const batch of batchesOf(count, 5000)) await seed(client, batch);
  await client.end();
}

/** What is inserted from here on is handed to whoever reads from it. */
async function createSlot(adminUrl) {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const table = `public.${firstQueue}_inbox`;
  await admin.query(
    `create publication ${publication} for table ${table} with (publish = 'insert')`,
  );
  await admin.query(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  await admin.end();
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

export async function start(connectionString, { listener, atATime }, onHandled, adminUrl) {
  const isFromLog = listener === 'replication';
  const config = {
    outboxOrInbox: 'inbox',
    dbHandlerConfig: { connectionString, max: Math.max(10, atATime) },
    dbListenerConfig: { connectionString: isFromLog ? adminUrl : connectionString },
    settings: { ...settingsOf(firstQueue), nextMessagesBatchSize: atATime },
  };
  const handlers = [handlerOf(onHandled)];
  const concurrencyStrategy = createReplicationSemaphoreConcurrencyController(atATime);
  const [shutdown] = isFromLog
    ? initializeReplicationMessageListener(config, handlers, logger, { concurrencyStrategy })
    : initializePollingMessageListener(config, handlers, logger);
  return () => {
    stopping = true;
    return shutdown();
  };
}

function handlerOf(onHandled) {
  const config = { outboxOrInbox: 'inbox', settings: settingsOf(secondQueue) };
  const store = initializeMessageStorage(config, logger);
  return {
    aggregateType,
    messageType,
    handle: async ({ payload }, client) => {
      await client.query(deposit(payload));
      await store(messageOf(payload), client);
      onHandled(1);
    },
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
