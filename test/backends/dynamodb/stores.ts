/** Tables of a test's own on a local server, and what the tests look into them with. */
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  type DynamodbOptions,
  dynamodbProvisioner,
  type OpenedDynamodb,
  openDynamodb,
} from '../../../src/backends/aws/dynamodb/index.js';
import type { Environment } from '../../../src/dev/server.js';
import type { BusinessEvidence } from '../../../src/engine/evidence.js';
import type { BusinessStore, DedupeStore } from '../../../src/engine/ports.js';
import { id } from '../../conformance/fixtures.js';
import { dynamodbLocal, environmentOf, variable } from '../../servers/provided.js';

export type Layout = 'inside' | 'apart';

export interface Server {
  readonly title: string;
  readonly environment: Environment;
  readonly layout: Layout;
}

/** Both servers and layouts, as far as they are there; the set-up says loudly when one is not. */
export function servers(): readonly Server[] {
  const local = dynamodbLocal();
  const own: Server[] = [
    { title: 'dynalite', environment: environmentOf('dynamodb'), layout: 'inside' },
  ];
  if (local === null) return own;
  for (const layout of ['inside', 'apart'] as const) {
    own.push({ title: `DynamoDB Local, entries ${layout}`, environment: local, layout });
  }
  return own;
}

export function portOf({ environment }: Server): number {
  return Number(new URL(variable(environment, 'AWS_ENDPOINT_URL_DYNAMODB')).port);
}

/** Options for tables with a prefix of their own; by way of `port` when that is given. */
export function optionsFor(server: Server, port = portOf(server)): DynamodbOptions {
  Object.assign(process.env, server.environment);
  return {
    aws: { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, profile: null },
    ports: ['business', 'dedupe'],
    table: `test-${id()}`,
    separateEntries: server.layout === 'apart',
    worker: 'worker-1',
    retentionMs: 3_600_000,
    maintain: false,
    audit: true,
  };
}

export interface Stores {
  readonly opened: OpenedDynamodb;
  readonly business: BusinessStore;
  readonly dedupe: DedupeStore;
  readonly evidence: BusinessEvidence;
}

export async function openStores(options: DynamodbOptions): Promise<Stores> {
  const opened = await openDynamodb(options);
  const { business, dedupe } = opened.ports;
  const evidence = opened.evidence.business;
  if (!business || !dedupe || !evidence) throw new Error('a store was not opened');
  return { opened, business, dedupe, evidence };
}

export async function makeTables(options: DynamodbOptions): Promise<() => Promise<void>> {
  const provisioner = dynamodbProvisioner(options);
  await provisioner.create();
  return async () => {
    await provisioner.remove();
    await provisioner.close();
  };
}

/** Everything that lies in a table, as it lies there. */
export async function itemsOf(
  { aws, table }: DynamodbOptions,
  name: 'entities' | 'entries' | 'records' | 'dedupe',
): Promise<readonly Record<string, AttributeValue>[]> {
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint: aws.endpoint ?? '' });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: `${table}-${name}` }));
  client.destroy();
  return Items;
}
