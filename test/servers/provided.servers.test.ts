import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { Environment } from '../../src/dev/server.js';
import { dynamodbLocal, environmentOf, variable } from './provided.js';

/** Rejects when nobody listens there. */
async function reach(host: string, port: string): Promise<void> {
  const socket = connect(Number(port), host);
  await once(socket, 'connect');
  socket.destroy();
}

async function reachUrl(environment: Environment, name: string): Promise<void> {
  const { hostname, port } = new URL(variable(environment, name));
  await reach(hostname, port);
}

it.each(['postgres-14', 'postgres-18'] as const)('the set-up has started %s', async (name) => {
  const environment = environmentOf(name);
  await reach(variable(environment, 'PGHOST'), variable(environment, 'PGPORT'));
  expect(variable(environment, 'PGUSER')).toBe('oncectl');
});

it('the set-up has started SQS, S3 and DynamoDB', async () => {
  await reachUrl(environmentOf('sqs-s3'), 'AWS_ENDPOINT_URL_SQS');
  await reachUrl(environmentOf('sqs-s3'), 'AWS_ENDPOINT_URL_S3');
  await reachUrl(environmentOf('dynamodb'), 'AWS_ENDPOINT_URL_DYNAMODB');
});

it.runIf(dynamodbLocal() !== null)('the set-up has started DynamoDB Local', async () => {
  await reachUrl(dynamodbLocal() ?? {}, 'AWS_ENDPOINT_URL_DYNAMODB');
});
