/** The outbox table of pg-transactional-outbox, made, written and listened to by the library itself. */
import type { Client } from 'pg';
import {
  DatabaseSetup,
  getDisabledLogger,
  initializeMessageStorage,
  initializePollingMessageListener,
  type TransactionalMessage,
} from 'pg-transactional-outbox';

const settingsOf = (dbSchema: string) => ({
  ...{ dbSchema, dbTable: 'outbox' },
  ...{ enableMaxAttemptsProtection: true, maxAttempts: 1, enablePoisonousMessageProtection: false },
  ...{ nextMessagesFunctionSchema: dbSchema, nextMessagesFunctionName: 'next_outbox_messages' },
  ...{ nextMessagesBatchSize: 5, nextMessagesPollingIntervalInMs: 20 },
});

export async function createTransactionalOutbox(client: Client, schema: string): Promise<void> {
  const config = {
    ...{ outboxOrInbox: 'outbox' as const, database: 'oncectl', schema, table: 'outbox' },
    ...{ listenerRole: 'oncectl', nextMessagesName: 'next_outbox_messages' },
  };
  await client.query(DatabaseSetup.dropAndCreateTable(config));
  await client.query(DatabaseSetup.createPollingFunction(config));
  await client.query(DatabaseSetup.setupPollingIndexes(config));
}

/** In a transaction of its own. */
export async function storeMessage(
  client: Client,
  schema: string,
  message: Pick<TransactionalMessage, 'id'> & Partial<TransactionalMessage>,
): Promise<void> {
  const config = { outboxOrInbox: 'outbox' as const, settings: settingsOf(schema) };
  await initializeMessageStorage(config, getDisabledLogger())(
    {
      ...{ aggregateType: 'order', aggregateId: 'order-1', messageType: 'OrderPlaced' },
      ...{ payload: { count: 1 }, metadata: { tenant: 'a' } },
      ...message,
    },
    client,
  );
}

/** The library's own listener; resolves once it has stopped. */
export function listen(
  connectionString: string,
  schema: string,
  handle: (id: string) => Promise<void> | void,
): () => Promise<void> {
  const [stop] = initializePollingMessageListener(
    {
      outboxOrInbox: 'outbox',
      dbListenerConfig: { connectionString },
      settings: settingsOf(schema),
    },
    { handle: async ({ id }) => handle(id) },
    getDisabledLogger(),
  );
  return stop;
}
