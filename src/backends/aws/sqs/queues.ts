/** Addresses of queues, asked for once. They hold account and region, so that a name does not do. */
import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { awsError, nameOf } from '../shared/errors.js';
import { deadQueueName, queueName } from './names.js';

export type Where = 'queue' | 'dead';

/** A queue as the rest of the backend names it. */
export interface Queue {
  readonly url: string;
  readonly name: string;
}

export function placeOf(name: string) {
  return { service: 'Amazon SQS', about: name, thing: 'queue' } as const;
}

/** Null when there is none of that name. */
export async function findQueue(client: SQSClient, name: string): Promise<Queue | null> {
  try {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl === undefined ? null : { url: QueueUrl, name };
  } catch (error) {
    if (isMissing(error)) return null;
    throw awsError(error, placeOf(name));
  }
}

export function isMissing(error: unknown): boolean {
  return ['QueueDoesNotExist', 'NonExistentQueue'].includes(nameOf(error));
}

export class Queues {
  readonly #client: SQSClient;
  readonly #namespace: string;
  readonly #found = new Map<string, Promise<Queue>>();
  /** Endpoints whose queues were asked for. */
  readonly endpoints: Set<string>;

  constructor(client: SQSClient, namespace: string, endpoints: readonly string[]) {
    this.#client = client;
    this.#namespace = namespace;
    this.endpoints = new Set(endpoints);
  }

  /** Rejects as `unreachable`, naming the queue and `oncectl deploy up`, when it does not exist. */
  of(endpoint: string, where: Where = 'queue'): Promise<Queue> {
    const name = (where === 'dead' ? deadQueueName : queueName)(this.#namespace, endpoint);
    const known = this.#found.get(name);
    if (known) return known;
    const asked = this.#resolve(name);
    this.#found.set(name, asked);
    asked.then(
      () => this.endpoints.add(endpoint),
      () => this.#found.delete(name),
    );
    return asked;
  }

  /** Forgets an address: its queue was found missing. */
  forget(name: string): void {
    this.#found.delete(name);
  }

  async #resolve(name: string): Promise<Queue> {
    const found = await findQueue(this.#client, name);
    if (found) return found;
    throw awsError(
      { name: 'QueueDoesNotExist', $metadata: { httpStatusCode: 400 } },
      placeOf(name),
    );
  }
}
