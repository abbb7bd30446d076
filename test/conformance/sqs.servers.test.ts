/**
 * The broker on SQS, against fauxqs over the real wire protocol. Where it differs from Amazon's, the
 * code relies on what Amazon documents:
 *  - fauxqs accepts a delete with any handle, and a change of visibility shortly after the lease ended;
 *    Amazon refuses the latter. What a stale receipt may do is judged by our own clock first;
 *  - its long polls come back empty, all of them, when one of them gets the message; Amazon's wait on;
 *  - a poll that was broken off takes the next message all the same; what Amazon's does is not said;
 *  - it counts what became visible again only when somebody receives: Amazon's counters are late, too,
 *    but move by themselves. So the case that waits for them is left out (`countsLate`);
 *  - it hides nothing from a poll; Amazon's short polls ask some servers only, so that a search polls for
 *    a second, which asks all of them. Neither tells what is leased or delayed (`searching`);
 *  - it refuses characters beyond U+FFFF in a body, Amazon does not: such a body goes as base64.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqsProvisioner } from '../../src/backends/aws/sqs/index.js';
import { awsOf, environmentOf } from '../servers/provided.js';
import type { Capabilities, Subject } from './case.js';
import { id } from './fixtures.js';
import { Peer } from './peer/client.js';
import { openWithSqs, type SqsTarget } from './peer/with-sqs.js';
import { conformance } from './suite.js';

const capabilities: Capabilities = {
  parts: ['broker', 'evidence', 'upkeep', 'life'],
  shortLease: 1_000,
  patience: 10_000,
  largestBody: 700_000,
  staleReceiptsMayWork: true,
  mayDouble: true,
  listsByReceiving: true,
  countsLate: true,
  searching: 'receives',
};

/** A namespace of its own in the server of this run; peers in other processes share it. */
async function open(): Promise<Subject> {
  const environment = environmentOf('sqs-s3');
  Object.assign(process.env, environment);
  const plan: SqsTarget = {
    folder: await mkdtemp(join(tmpdir(), 'oncectl-conformance-')),
    aws: awsOf(environment, 'AWS_ENDPOINT_URL_SQS'),
    namespace: `oncectl-test-${id().toLowerCase()}`,
    endpoints: [],
    visibilityMs: 2_000,
  };
  const opened = await openWithSqs(plan, 'own');
  const peers: Peer[] = [];
  const made: string[] = [];
  return {
    ports: opened.ports,
    evidence: opened.evidence,
    upkeep: opened.upkeep,
    peer: async () => {
      const peer = await Peer.start({ backend: 'sqs', options: plan });
      peers.push(peer);
      return peer.ports;
    },
    provision: async (endpoint) => {
      made.push(endpoint);
      const provisioner = sqsProvisioner({ ...plan, endpoints: [endpoint], worker: 'own' });
      await provisioner.create();
      await provisioner.close();
    },
    close: async () => {
      for (const peer of peers.splice(0)) await peer.kill();
      await opened.close();
      const provisioner = sqsProvisioner({ ...plan, endpoints: made, worker: 'own' });
      await provisioner.remove();
      await provisioner.close();
      await rm(plan.folder, { recursive: true, force: true });
    },
  };
}

conformance('sqs', open, capabilities);
