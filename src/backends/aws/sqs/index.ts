/** The broker on Amazon SQS: opens it, and provisions its queues. */
import type { OpenedStores, Provisioner } from '../../../engine/backend.js';
import { watchAttempts } from '../shared/attempts.js';
import type { AwsOptions } from '../shared/client.js';
import { SqsBroker } from './broker.js';
import { SqsEvidence } from './evidence.js';
import { HeldCopies } from './held.js';
import { queuePrefix } from './names.js';
import { SqsProvisioner } from './provisioner.js';
import type { SqsRequests } from './requests.js';
import { clientOf, Session } from './session.js';
import { SqsUpkeep } from './upkeep.js';

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
  /** Requests by kind, for the bill; without those of upkeep. */
  readonly requests: () => SqsRequests;
}

/** Asks SQS for nothing yet: what is missing or denied shows at the first use of a queue. */
export async function openSqs(options: SqsOptions): Promise<OpenedSqs> {
  const { namespace, visibilityMs } = options;
  queuePrefix(namespace);
  const session = new Session(options);
  const { queues, calls, batches, sweeper, deadLetters, load } = session;
  const copies = new HeldCopies();
  const broker = new SqsBroker({ queues, calls, batches, copies, deadLetters, load });
  const depth = broker.depth.bind(broker);
  const looking = new Session(options);
  const upkeep = new SqsUpkeep(looking);
  return {
    ports: { broker },
    evidence: { broker: new SqsEvidence({ queues, calls, sweeper, depth, visibilityMs }) },
    upkeep: { broker: upkeep },
    counts: () => ({
      broker: session.counts,
      // A worker never looks: its figures have no line for it.
      ...(looking.attempts.total > 0 ? { upkeep: looking.counts } : {}),
    }),
    requests: () => session.requests,
    storeBytes: async () => 0,
    close: async () => {
      await Promise.all([broker.close(), upkeep.close()]);
      session.client.destroy();
    },
  };
}

export function sqsProvisioner(options: SqsOptions): Provisioner {
  const { namespace, endpoints, visibilityMs } = options;
  queuePrefix(namespace);
  const client = clientOf(options.aws);
  const attempts = watchAttempts(client);
  return new SqsProvisioner({ client, attempts, namespace, endpoints, visibilityMs });
}
