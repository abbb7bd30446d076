/** The broker on Amazon SQS: opens it, and provisions its queues. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { OpenedStores, Provisioner } from '../../../engine/backend.js';
import { watchAttempts } from '../shared/attempts.js';
import { type AwsOptions, clientConfig } from '../shared/client.js';
import { Load } from '../shared/load.js';
import { Batches } from './batches.js';
import { SqsBroker } from './broker.js';
import { Calls } from './calls.js';
import { DeadLetters } from './dead-letters.js';
import { SqsEvidence } from './evidence.js';
import { HeldCopies } from './held.js';
import { queuePrefix } from './names.js';
import { SqsProvisioner } from './provisioner.js';
import { Queues } from './queues.js';
import { Carried, type SqsRequests } from './requests.js';
import { Sweeper } from './sweep.js';

export type { SqsRequests } from './requests.js';

export interface SqsOptions {
  readonly aws: AwsOptions;
  /** What the names of all queues of the deployment begin with: 1 to 40 characters of [a-z0-9-]. */
  readonly namespace: string;
  readonly endpoints: readonly string[];
  /** Name of this process. */
  readonly worker: string;
  /** Longest lease that a worker of the deployment asks for, ms. */
  readonly visibilityMs: number;
}

export interface OpenedSqs extends OpenedStores {
  readonly ports: { readonly broker: SqsBroker };
  /** Requests by kind, for the bill. */
  readonly requests: () => SqsRequests;
}

/** Asks SQS for nothing yet: what is missing or denied shows at the first use of a queue. */
export async function openSqs(options: SqsOptions): Promise<OpenedSqs> {
  queuePrefix(options.namespace);
  const client = new SQSClient(settings(options.aws));
  const attempts = watchAttempts(client);
  const carried = new Carried();
  const load = new Load();
  const queues = new Queues(client, options.namespace, options.endpoints);
  const calls = new Calls(client, queues, carried);
  const batches = new Batches(calls, load);
  const sweeper = new Sweeper(calls, batches);
  const deadLetters = new DeadLetters(queues, calls, batches, sweeper);
  const copies = new HeldCopies();
  const broker = new SqsBroker({ queues, calls, batches, copies, deadLetters, load });
  const { visibilityMs } = options;
  const depth = broker.depth.bind(broker);
  const requests = () => carried.requests(attempts);
  return {
    ports: { broker },
    evidence: { broker: new SqsEvidence({ queues, calls, sweeper, depth, visibilityMs }) },
    upkeep: {},
    counts: () => ({
      broker: { flushes: attempts.total, operations: requests().operations },
    }),
    requests,
    storeBytes: async () => 0,
    close: async () => {
      await broker.close();
      client.destroy();
    },
  };
}

export function sqsProvisioner(options: SqsOptions): Provisioner {
  const { namespace, endpoints, visibilityMs } = options;
  queuePrefix(namespace);
  const client = new SQSClient(settings(options.aws));
  const attempts = watchAttempts(client);
  return new SqsProvisioner({ client, attempts, namespace, endpoints, visibilityMs });
}

/** Queues are addressed at the region's endpoint, or the one that is set, not at their own host. */
function settings(aws: AwsOptions) {
  return { ...clientConfig('sqs', aws), useQueueUrlAsEndpoint: false };
}
