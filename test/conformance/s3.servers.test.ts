/**
 * Amazon S3 on fauxqs, with an embedded broker.
 *
 * Where the server differs from the service: it never answers 409 to a racing conditional write, and
 * never 403 (`s3/faults.servers.test.ts` does, by a proxy); no rule of it ever removes anything; it
 * keeps no versions; it takes any credentials; it tells the time of an object in milliseconds, by our own
 * clock, where S3 tells whole seconds by its own. Its conditional writes and deletes, and the order of
 * its listings, are ours (`servers/sqs-s3.mjs`). A payload that is listed has the time of S3.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { s3Provisioner } from '../../src/backends/aws/s3/index.js';
import { awsOf, environmentOf, inCloud } from '../servers/provided.js';
import type { Capabilities, Subject } from './case.js';
import { id } from './fixtures.js';
import { Peer } from './peer/client.js';
import { openWithS3, type S3Target } from './peer/with-s3.js';
import { conformance } from './suite.js';

const capabilities: Capabilities = {
  parts: ['business', 'dedupe', 'payload', 'evidence', 'upkeep', 'life'],
  shortLease: 150,
  patience: 10_000,
  largestBody: Number.POSITIVE_INFINITY,
  ...(inCloud ? { ownTimesDiffer: 2_000 } : {}),
};

/** A new bucket, and peers in processes of their own that open the same one. */
async function open(): Promise<Subject> {
  const environment = environmentOf('sqs-s3');
  Object.assign(process.env, environment);
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-conformance-'));
  const plan: S3Target = {
    folder,
    aws: awsOf(environment, 'AWS_ENDPOINT_URL_S3'),
    ports: ['business', 'dedupe', 'payload'],
    bucket: `oncectl-test-${id().toLowerCase()}`,
    prefix: 'deployments/one',
    retentionMs: 3_600_000,
    maintain: false,
    audit: true,
  };
  const provisioner = s3Provisioner({ ...plan, worker: 'own' });
  await provisioner.create();
  const opened = await openWithS3(plan, 'own');
  const peers: Peer[] = [];
  return {
    ports: opened.ports,
    evidence: opened.evidence,
    upkeep: opened.upkeep,
    peer: async () => {
      const peer = await Peer.start({ backend: 's3', options: plan });
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

conformance(inCloud ? 'S3' : 'S3 (fauxqs)', open, capabilities);
