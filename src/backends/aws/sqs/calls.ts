/**
 * The calls of SQS that move messages, one function each. Batches of up to 10 come back with an outcome
 * for each entry; what failed in a batch that passed is repeated alone, once, and then fails alone.
 */
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message as Received,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { OncectlError } from '../../../engine/errors.js';
import type { QueueDepth } from '../../../engine/ports.js';
import { requestMs } from '../shared/client.js';
import { awsError, nameOf } from '../shared/errors.js';
import { attributesOf, bytesOf, type Encoded } from './encoding.js';
import { isMissing, placeOf, type Queue, type Queues } from './queues.js';
import type { Carried } from './requests.js';

export interface Outgoing {
  readonly encoded: Encoded;
  readonly delaySeconds: number;
  readonly bytes: number;
}

export interface LeaseChange {
  readonly handle: string;
  /** From now on; 0 makes the copy visible at once. */
  readonly seconds: number;
}

export interface ReceiveRequest {
  readonly max: number;
  readonly leaseSeconds: number;
  readonly pollSeconds: number;
  readonly signal?: AbortSignal;
}

type Outcomes<T> = readonly PromiseSettledResult<T>[];

interface BatchAnswer {
  readonly Failed?: readonly { readonly Id?: string | undefined }[] | undefined;
}

/** Of a handle that holds nothing any more, on any call: stale, deleted, or of another queue. */
const staleNames = ['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue'];

export class Calls {
  readonly #client: SQSClient;
  readonly #queues: Queues;
  readonly #carried: Carried;

  constructor(client: SQSClient, queues: Queues, carried: Carried) {
    this.#client = client;
    this.#queues = queues;
    this.#carried = carried;
  }

  /** At most 10, at most 1 MiB together. */
  send(queue: Queue, items: readonly Outgoing[]): Promise<Outcomes<void>> {
    const QueueUrl = queue.url;
    const Entries = items.map((item, at) => ({ Id: String(at), ...entryOf(item) }));
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
    this.#carried.add(items.length, bytes);
    return this.#batch(queue, items, {
      all: () => this.#client.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
      one: (item) => this.#client.send(new SendMessageCommand({ QueueUrl, ...entryOf(item) })),
      done: () => undefined,
      stale: null,
    });
  }

  /** A handle that holds nothing is no error. */
  delete(queue: Queue, handles: readonly string[]): Promise<Outcomes<void>> {
    const QueueUrl = queue.url;
    const Entries = handles.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
    this.#carried.add(handles.length, 0);
    return this.#batch(queue, handles, {
      all: () => this.#client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
      one: (ReceiptHandle) =>
        this.#client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
      done: () => undefined,
      stale: () => undefined,
    });
  }

  /** False for a handle that holds nothing any more. */
  changeLeases(queue: Queue, changes: readonly LeaseChange[]): Promise<Outcomes<boolean>> {
    const QueueUrl = queue.url;
    const inputs = changes.map(({ handle, seconds }) => ({
      ReceiptHandle: handle,
      VisibilityTimeout: seconds,
    }));
    const Entries = inputs.map((input, at) => ({ Id: String(at), ...input }));
    this.#carried.add(changes.length, 0);
    return this.#batch(queue, inputs, {
      all: () => this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })),
      one: (input) => this.#client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ...input })),
      done: () => true,
      stale: () => false,
    });
  }

  /** Up to 10 copies; empty when none came within the poll, or when the signal broke it off. */
  async receive(queue: Queue, request: ReceiveRequest): Promise<readonly Received[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: request.max,
      VisibilityTimeout: request.leaseSeconds,
      WaitTimeSeconds: request.pollSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    });
    const requestTimeout = request.pollSeconds * 1000 + requestMs;
    const { signal } = request;
    try {
      const options = { requestTimeout, ...(signal ? { abortSignal: signal } : {}) };
      const { Messages = [] } = await this.#client.send(command, options);
      this.#carried.add(
        Messages.length,
        Messages.reduce((sum, one) => sum + sizeOf(one), 0),
      );
      if (Messages.length === 0) this.#carried.emptyReceives++;
      return Messages;
    } catch (error) {
      if (signal?.aborted) return [];
      throw this.#named(error, queue);
    }
  }

  /** As SQS counts: approximate, up to a minute behind. */
  async depth(queue: Queue): Promise<Omit<QueueDepth, 'dead'>> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queue.url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    });
    try {
      const { Attributes = {} } = await this.#client.send(command);
      return {
        visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
        inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
        delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed'] ?? 0),
      };
    } catch (error) {
      throw this.#named(error, queue);
    }
  }

  async #batch<Item, Result>(
    queue: Queue,
    items: readonly Item[],
    calls: {
      readonly all: () => Promise<BatchAnswer>;
      readonly one: (item: Item) => Promise<unknown>;
      readonly done: () => Result;
      readonly stale: (() => Result) | null;
    },
  ): Promise<Outcomes<Result>> {
    let failed: Set<string | undefined>;
    try {
      failed = new Set((await calls.all()).Failed?.map(({ Id }) => Id));
    } catch (error) {
      throw this.#named(error, queue);
    }
    const alone = async (item: Item): Promise<Result> => {
      try {
        await calls.one(item);
      } catch (error) {
        if (calls.stale && staleNames.includes(nameOf(error))) return calls.stale();
        throw this.#named(error, queue);
      }
      return calls.done();
    };
    const outcomes = items.map((item, at) =>
      failed.has(String(at)) ? alone(item) : Promise.resolve(calls.done()),
    );
    return Promise.allSettled(outcomes);
  }

  #named(error: unknown, queue: Queue) {
    if (isMissing(error)) this.#queues.forget(queue.name);
    if (isOverQueuesLimit(error)) return tooLarge(queue);
    return awsError(error, placeOf(queue.name));
  }
}

/** A queue made before Amazon raised the limit, or by somebody else; SQS has no name of its own for it. */
function isOverQueuesLimit(error: unknown): boolean {
  const { message = '' } = error as { readonly message?: string };
  return nameOf(error) === 'InvalidParameterValue' && /must be shorter than/i.test(message);
}

function tooLarge({ name }: Queue): OncectlError {
  return new OncectlError('too-large', 'the queue takes smaller messages only', {
    about: name,
    happened: 'no',
    hint: 'run `oncectl deploy up`, which raises its limit to what SQS allows',
  });
}

function entryOf({ encoded, delaySeconds }: Outgoing) {
  return {
    MessageBody: encoded.body,
    MessageAttributes: attributesOf(encoded),
    ...(delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds }),
  };
}

export function outgoing(encoded: Encoded, delaySeconds = 0): Outgoing {
  return { encoded, delaySeconds, bytes: bytesOf(encoded) };
}

function sizeOf({ Body = '', MessageAttributes = {} }: Received): number {
  const attributes = Object.values(MessageAttributes);
  return attributes.reduce(
    (sum, { StringValue = '' }) => sum + StringValue.length + 20,
    Body.length,
  );
}
