import { rmSync } from 'node:fs';
import { DynamoDB, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamodb } from '../../src/dev/dynamodb.js';
import { startDynamodbLocal } from '../../src/dev/dynamodb-local.js';
import type { RunningServer } from '../../src/dev/server.js';
import { dynamodbLocal } from '../servers/provided.js';
import { temporaryFolder } from '../servers/temporary-folder.js';
import { listeningAddresses, loopback } from './listening.js';

const kinds = [
  { kind: 'dynalite', start: startDynamodb, there: true },
  { kind: 'DynamoDB Local', start: startDynamodbLocal, there: dynamodbLocal() !== null },
];

describe.each(kinds.filter(({ there }) => there))('$kind', ({ start }) => {
  let folder = '';
  let server: RunningServer;
  let client: DynamoDB;

  beforeAll(async () => {
    folder = temporaryFolder();
    const started = await start({ folder });
    if (started === null) throw new Error('it was there before');
    server = started;
    client = new DynamoDB({
      endpoint: server.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await client.createTable({
      TableName: 'facts',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: 'facts' });
  });

  afterAll(async () => {
    client.destroy();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('listens on loopback only', () => {
    expect(listeningAddresses(server.port)).toEqual([loopback]);
  });

  it('lets one of twenty racers write what must not exist', async () => {
    const racers = Array.from({ length: 20 }, (_, n) =>
      client.putItem({
        TableName: 'facts',
        Item: { id: { S: 'raced' }, n: { N: String(n) } },
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each(['kill', 'clean'] as const)('keeps port and items when restarted: %s', async (how) => {
    const id = { S: how };
    await client.putItem({ TableName: 'facts', Item: { id, n: { N: '1' } } });
    const { port } = server;
    await server.restart(how);
    expect(server.port).toBe(port);
    const { Item } = await client.getItem({ TableName: 'facts', Key: { id } });
    expect(Item).toEqual({ id, n: { N: '1' } });
  });
});
