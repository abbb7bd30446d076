/** One client of SQS and what moves messages through it; its requests are counted for themselves. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { StoreCounts } from '../../../engine/backend.js';
import { type Attempts, watchAttempts } from '../shared/attempts.js';
import { type AwsOptions, clientConfig } from '../shared/client.js';
import { Load } from '../shared/load.js';
import { Batches } from './batches.js';
import { Calls } from './calls.js';
import { DeadLetters } from './dead-letters.js';
import { Queues } from './queues.js';
import { Carried, type SqsRequests } from './requests.js';
import { Sweeper } from './sweep.js';

export interface SessionOptions {
  readonly aws: AwsOptions;
  readonly namespace: string;
  readonly endpoints: readonly string[];
}

export class Session {
  readonly client: SQSClient;
  readonly attempts: Attempts;
  readonly load = new Load();
  readonly queues: Queues;
  readonly calls: Calls;
  readonly batches: Batches;
  readonly sweeper: Sweeper;
  readonly deadLetters: DeadLetters;
  readonly #carried = new Carried();

  /** Asks SQS for nothing yet. */
  constructor({ aws, namespace, endpoints }: SessionOptions) {
    this.client = clientOf(aws);
    this.attempts = watchAttempts(this.client);
    this.queues = new Queues(this.client, namespace, endpoints);
    this.calls = new Calls(this.client, this.queues, this.#carried);
    this.batches = new Batches(this.calls, this.load);
    this.sweeper = new Sweeper(this.calls, this.batches);
    this.deadLetters = new DeadLetters(this.queues, this.calls, this.batches, this.sweeper);
  }

  get requests(): SqsRequests {
    return this.#carried.requests(this.attempts);
  }

  get counts(): StoreCounts {
    return { flushes: this.attempts.total, operations: this.requests.operations };
  }
}

/** Queues are addressed at the region's endpoint, or the one that is set, not at their own host. */
export function clientOf(aws: AwsOptions): SQSClient {
  return new SQSClient({ ...clientConfig('sqs', aws), useQueueUrlAsEndpoint: false });
}
