/**
 * Makes, shows and removes the two queues of each endpoint. All queues whose names begin with the
 * namespace are the deployment's own.
 */
import { DeleteQueueCommand, ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Finding, Provisioner, Resource } from '../../../engine/backend.js';
import { OncectlError } from '../../../engine/errors.js';
import type { Attempts } from '../shared/attempts.js';
import { awsError } from '../shared/errors.js';
import {
  attributesOf,
  createQueue,
  deviations,
  isFifo,
  setAttributes,
  wantedAttributes,
} from './attributes.js';
import { examineQueues } from './examine.js';
import { deadQueueName, queueName, queuePrefix } from './names.js';
import { findQueue, isMissing, placeOf, type Queue } from './queues.js';

export interface ProvisionerParts {
  readonly client: SQSClient;
  readonly attempts: Attempts;
  readonly namespace: string;
  readonly endpoints: readonly string[];
  readonly visibilityMs: number;
}

type State = Pick<Resource, 'state' | 'detail'>;

const ready: State = { state: 'ready', detail: null };

export class SqsProvisioner implements Provisioner {
  readonly #parts: ProvisionerParts;

  constructor(parts: ProvisionerParts) {
    this.#parts = parts;
  }

  /** The dead letters' queue stands before the queue that refers to it. */
  async inspect(): Promise<readonly Resource[]> {
    const { endpoints, namespace } = this.#parts;
    const needed = await Promise.all(endpoints.map((endpoint) => this.#inspectPair(endpoint)));
    const names = new Set(endpoints.flatMap((endpoint) => namesOf(namespace, endpoint)));
    const unused = (await this.#listed()).filter(({ name }) => !names.has(name));
    return [
      ...needed.flat(),
      ...unused.map(({ name }): Resource => ({ kind: 'queue', name, ...noLongerNeeded })),
    ];
  }

  async create(onMade?: (resource: Resource) => void): Promise<void> {
    const found = await this.inspect();
    const wrong = found.find(({ state }) => state === 'wrong');
    if (wrong) {
      throw new OncectlError('format', `the queue cannot be used: ${wrong.detail}`, {
        about: wrong.name,
        hint: 'choose another namespace in the profile, or remove that queue yourself',
      });
    }
    const isDue = (name: string) =>
      found.some((one) => one.name === name && ['missing', 'outdated'].includes(one.state));
    for (const endpoint of this.#parts.endpoints) {
      for (const name of namesOf(this.#parts.namespace, endpoint)) {
        if (!isDue(name)) continue;
        await this.#make(endpoint, name);
        onMade?.({ kind: 'queue', name, ...ready });
      }
    }
  }

  async remove(onRemoved?: (resource: Resource) => void): Promise<void> {
    const { client, namespace, endpoints } = this.#parts;
    const all = new Map((await this.#listed()).map((queue) => [queue.name, queue]));
    // A queue may be missing from the list for a while after it was made.
    for (const name of endpoints.flatMap((endpoint) => namesOf(namespace, endpoint))) {
      const queue = all.get(name) ?? (await findQueue(client, name));
      if (queue) all.set(name, queue);
    }
    for (const queue of all.values()) {
      try {
        await client.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
      } catch (error) {
        if (isMissing(error)) continue;
        throw awsError(error, placeOf(queue.name));
      }
      onRemoved?.({ kind: 'queue', name: queue.name, state: 'missing', detail: null });
    }
  }

  examine(): AsyncIterable<Finding> {
    const { client, attempts, namespace, endpoints } = this.#parts;
    const inspect = () => this.inspect();
    return examineQueues({ client, attempts, namespace, endpoints, inspect });
  }

  async close(): Promise<void> {
    this.#parts.client.destroy();
  }

  async #inspectPair(endpoint: string): Promise<Resource[]> {
    const [deadName, name] = namesOf(this.#parts.namespace, endpoint);
    const deadArn = (await this.#arnOf(deadName)) ?? '';
    return Promise.all([this.#inspectOne(deadName, null), this.#inspectOne(name, deadArn)]);
  }

  async #inspectOne(name: string, deadArn: string | null): Promise<Resource> {
    const { client, visibilityMs } = this.#parts;
    const queue = await findQueue(client, name);
    const found = queue && (await attributesOf(client, queue));
    const state = found
      ? stateOf(found, wantedAttributes(visibilityMs, deadArn))
      : await this.#stateOfMissing(name);
    return { kind: 'queue', name, ...state };
  }

  /** A FIFO queue's name always ends in `.fifo`, so that it lies beside the name that we look for. */
  async #stateOfMissing(name: string): Promise<State> {
    const fifo = await findQueue(this.#parts.client, `${name}.fifo`);
    if (!fifo) return { state: 'missing', detail: null };
    const detail = `${fifo.name} is a FIFO queue; oncectl needs a standard queue`;
    return { state: 'wrong', detail };
  }

  async #make(endpoint: string, name: string): Promise<void> {
    const { client, namespace, visibilityMs } = this.#parts;
    const deadName = deadQueueName(namespace, endpoint);
    const deadArn = name === deadName ? null : await this.#arnOf(deadName);
    const wanted = wantedAttributes(visibilityMs, deadArn);
    const queue = await findQueue(client, name);
    if (queue) await setAttributes(client, queue, wanted);
    else await createQueue(client, name, wanted);
  }

  async #arnOf(name: string): Promise<string | null> {
    const { client } = this.#parts;
    const queue = await findQueue(client, name);
    const found = queue && (await attributesOf(client, queue));
    return found?.['QueueArn'] ?? null;
  }

  async #listed(): Promise<Queue[]> {
    const { client, namespace } = this.#parts;
    const prefix = queuePrefix(namespace);
    const found: Queue[] = [];
    try {
      for (let token: string | undefined; ; ) {
        const { QueueUrls = [], NextToken } = await client.send(
          new ListQueuesCommand({
            QueueNamePrefix: prefix,
            MaxResults: 1000,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        );
        found.push(...QueueUrls.map((url) => ({ url, name: url.slice(url.lastIndexOf('/') + 1) })));
        if (NextToken === undefined) return found.filter(({ name }) => name.startsWith(prefix));
        token = NextToken;
      }
    } catch (error) {
      throw awsError(error, placeOf(`${prefix}*`));
    }
  }
}

const noLongerNeeded: State = { state: 'unused', detail: 'no endpoint of the profile needs it' };

/** In the order in which they are made. */
function namesOf(namespace: string, endpoint: string): [dead: string, queue: string] {
  return [deadQueueName(namespace, endpoint), queueName(namespace, endpoint)];
}

function stateOf(
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): State {
  if (isFifo(found)) return { state: 'wrong', detail: 'it is a FIFO queue, not a standard one' };
  const clauses = deviations(found, wanted);
  return clauses.length === 0 ? ready : { state: 'outdated', detail: clauses.join(', ') };
}
