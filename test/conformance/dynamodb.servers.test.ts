/**
 * DynamoDB on dynalite, and on Amazon's DynamoDB Local where there is Java: with entries inside their
 * entities and, where there are transactions, apart from them.
 *
 * Where the servers differ from the service: dynalite has no transactions and no expiry, does not give
 * back the item of a failed condition (so it is read) nor its capacity. Both update an index at once,
 * where the service takes some milliseconds: the cases that list what is pending right after a commit,
 * and those of the upkeep that list entries inside their entities, would have to wait there.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { dynamodbProvisioner } from '../../src/backends/aws/dynamodb/index.js';
import type { Environment } from '../../src/dev/server.js';
import { awsOf, dynamodbLocal, environmentOf, inCloud } from '../servers/provided.js';
import type { Capabilities, Subject } from './case.js';
import { id } from './fixtures.js';
import { Peer } from './peer/client.js';
import { type DynamodbTarget, openWithDynamodb } from './peer/with-dynamodb.js';
import { conformance } from './suite.js';

const capabilities: Capabilities = {
  parts: ['business', 'dedupe', 'evidence', 'upkeep', 'life'],
  shortLease: 150,
  patience: 10_000,
  largestBody: Number.POSITIVE_INFINITY,
  // An item has 400 KiB: the rest is for names, numbers and the entries.
  largestState: 390 * 1024,
};

/** New tables, and peers in processes of their own that open the same ones. */
async function open(environment: Environment, separateEntries: boolean): Promise<Subject> {
  Object.assign(process.env, environment);
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-conformance-'));
  const plan: DynamodbTarget = {
    folder,
    aws: awsOf(environment, 'AWS_ENDPOINT_URL_DYNAMODB'),
    ports: ['business', 'dedupe'],
    table: `oncectl-test-${id()}`,
    separateEntries,
    retentionMs: 3_600_000,
    maintain: false,
    audit: true,
  };
  const provisioner = dynamodbProvisioner(plan);
  await provisioner.create();
  const opened = await openWithDynamodb(plan, 'own');
  const peers: Peer[] = [];
  return {
    ports: opened.ports,
    evidence: opened.evidence,
    upkeep: opened.upkeep,
    peer: async () => {
      const peer = await Peer.start({ backend: 'dynamodb', options: plan });
      peers.push(peer);
      return peer.ports;
    },
    close: async () => {
      for (const peer of peers.splice(0)) await peer.kill();
      await opened.close();
      await provisioner.remove();
      await provisioner.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

conformance(
  `dynamodb${inCloud ? '' : ' (dynalite)'}, entries inside their entities`,
  () => open(environmentOf('dynamodb'), false),
  capabilities,
);

const local = dynamodbLocal();
if (inCloud) {
  conformance('dynamodb, entries apart from their entities', () => open({}, true), capabilities);
} else if (local === null) {
  describe('dynamodb (DynamoDB Local)', () => {
    it.skip('NOT TESTED: this machine has no Java development kit 17 or newer', () => {});
  });
} else {
  for (const [where, separateEntries] of [
    ['inside', false],
    ['apart from', true],
  ] as const) {
    conformance(
      `dynamodb (DynamoDB Local), entries ${where} their entities`,
      () => open(local, separateEntries),
      capabilities,
    );
  }
}
