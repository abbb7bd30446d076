/** Tables are made, shown, examined and removed; what is not ours is left alone. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { dynamodbProvisioner } from '../../src/backends/aws/dynamodb/index.js';
import type { Finding, Resource } from '../../src/engine/backend.js';
import { refusal } from '../conformance/fixtures.js';
import { optionsFor, servers } from './dynamodb/stores.js';

describe.each(servers())('$title', (server) => {
  const expected = [
    'entities',
    ...(server.layout === 'apart' ? ['entries'] : []),
    'records',
    'dedupe',
  ];

  it('makes what is missing, once, and removes it', async () => {
    const options = optionsFor(server);
    const provisioner = dynamodbProvisioner(options);
    expect(await states(provisioner.inspect())).toEqual(expected.map((name) => `${name} missing`));
    const made: Resource[] = [];
    await provisioner.create((one) => made.push(one));
    await provisioner.create((one) => made.push(one));
    expect(names(made)).toEqual(expected);
    expect(await states(provisioner.inspect())).toEqual(expected.map((name) => `${name} ready`));
    const gone: Resource[] = [];
    await provisioner.remove((one) => gone.push(one));
    await provisioner.remove((one) => gone.push(one));
    expect(names(gone)).toEqual(expected);
    expect(await states(provisioner.inspect())).toEqual(expected.map((name) => `${name} missing`));
    await provisioner.close();
  });

  it('finishes what another left half made', async () => {
    const options = optionsFor(server);
    const some = dynamodbProvisioner({ ...options, ports: ['dedupe'] });
    await some.create();
    const made: Resource[] = [];
    const all = dynamodbProvisioner(options);
    await all.create((one) => made.push(one));
    expect(names(made)).toEqual(expected.filter((name) => name !== 'dedupe'));
    await all.remove();
    await all.close();
    await some.close();
  });

  it('shows and removes tables that the profile no longer needs', async () => {
    const options = optionsFor(server);
    const before = dynamodbProvisioner(options);
    await before.create();
    const after = dynamodbProvisioner({ ...options, audit: false });
    expect(await states(after.inspect())).toContain('records unused');
    await after.remove();
    expect(new Set((await before.inspect()).map(({ state }) => state))).toEqual(
      new Set(['missing']),
    );
    await before.close();
    await after.close();
  });

  it('leaves a table with another key alone, and says so', async () => {
    const options = optionsFor(server);
    const name = `${options.table}-entities`;
    const client = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: options.aws.endpoint ?? '',
    });
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'theirs', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'theirs', AttributeType: 'S' }],
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: name });
    const provisioner = dynamodbProvisioner(options);
    expect(await states(provisioner.inspect())).toContain('entities wrong');
    for (const attempt of [provisioner.create(), provisioner.remove()]) {
      const error = await refusal(attempt);
      expect([error.kind, error.happened]).toEqual(['format', 'no']);
      expect(error.message).toContain('its key is theirs');
    }
    await client.send(new DeleteTableCommand({ TableName: name }));
    client.destroy();
    await provisioner.close();
  });

  it('finds nothing that breaks where all is well, and the tables where they are missing', async () => {
    const options = optionsFor(server);
    const provisioner = dynamodbProvisioner(options);
    const missing = await all(provisioner.examine());
    expect(missing.filter(({ verdict }) => verdict === 'breaks')).toHaveLength(expected.length);
    await provisioner.create();
    const found = await all(provisioner.examine());
    expect(found.filter(({ verdict }) => verdict === 'breaks')).toEqual([]);
    expect(found.map(({ what }) => what)).toContain('clock skew to Amazon DynamoDB');
    const expiry = found.filter(({ what }) => what.startsWith('expiry')).map((one) => one.verdict);
    // dynalite tells that it has none, and cannot switch it on.
    const verdict = server.title === 'dynalite' ? 'note' : 'ok';
    expect(expiry).toEqual(expected.slice(1).map(() => verdict));
    const permissions = found.find(({ what }) => what.startsWith('permissions'));
    expect(permissions?.detail).toContain('UpdateItem');
    await provisioner.remove();
    await provisioner.close();
  });

  it('says of a server that is not there that it cannot be reached', async () => {
    const provisioner = dynamodbProvisioner(optionsFor(server, 1));
    const error = await refusal(provisioner.inspect());
    expect([error.kind, error.happened]).toEqual(['unreachable', 'no']);
    const [first] = await all(provisioner.examine());
    expect(first?.verdict).toBe('breaks');
    await provisioner.close();
  });
});

async function states(resources: Promise<readonly Resource[]>): Promise<readonly string[]> {
  return (await resources).map(({ name, state }) => `${shortName(name)} ${state}`);
}

function names(resources: readonly Resource[]): readonly string[] {
  return resources.map(({ name }) => shortName(name));
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}

async function all(findings: AsyncIterable<Finding>): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for await (const one of findings) found.push(one);
  return found;
}
