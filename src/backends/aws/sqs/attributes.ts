/** What a queue must be like, and what is wrong with one that is not. */
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { awsError, nameOf } from '../shared/errors.js';
import { batchBytes, leaseSeconds, maxReceiveCount, retentionSeconds } from './limits.js';
import { isMissing, placeOf, type Queue } from './queues.js';

export type Attributes = Readonly<Record<string, string>>;

/** Fewer than that, and SQS would bury messages that we still count failures of. */
const fewestReceives = 100;
/** A queue of the same name may be made again a minute after it was removed. */
const recreateMs = 75_000;
const recreatePauseMs = 5_000;

/** `deadArn` is null for a queue of dead letters, which has nowhere to pass them on. */
export function wantedAttributes(visibilityMs: number, deadArn: string | null): Attributes {
  return {
    MessageRetentionPeriod: String(retentionSeconds),
    MaximumMessageSize: String(batchBytes),
    VisibilityTimeout: String(leaseSeconds(visibilityMs)),
    ...(deadArn === null ? {} : { RedrivePolicy: policyOf(deadArn) }),
  };
}

/** Each as one clause; `RedrivePolicy` is judged by what it does, the others by their figures. */
export function deviations(found: Attributes, wanted: Attributes): string[] {
  const figure = (name: string) => Number(found[name] ?? 0);
  const clauses: string[] = [];
  if (figure('MessageRetentionPeriod') < Number(wanted['MessageRetentionPeriod'])) {
    clauses.push(`keeps messages for ${daysOf(figure('MessageRetentionPeriod'))} only`);
  }
  if (figure('MaximumMessageSize') < Number(wanted['MaximumMessageSize'])) {
    clauses.push(`takes messages of ${figure('MaximumMessageSize')} bytes only`);
  }
  if (found['VisibilityTimeout'] !== wanted['VisibilityTimeout']) {
    const [is, wants] = [found['VisibilityTimeout'], wanted['VisibilityTimeout']];
    clauses.push(`has a visibility timeout of ${is} s, the profile says ${wants} s`);
  }
  if (wanted['RedrivePolicy'] !== undefined) clauses.push(...policyDeviations(found, wanted));
  return clauses;
}

export function isFifo(found: Attributes): boolean {
  return found['FifoQueue'] === 'true';
}

/** Null when the queue is gone. */
export async function attributesOf(client: SQSClient, queue: Queue): Promise<Attributes | null> {
  try {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] }),
    );
    return Attributes as Attributes;
  } catch (error) {
    if (isMissing(error)) return null;
    throw awsError(error, placeOf(queue.name));
  }
}

export async function createQueue(
  client: SQSClient,
  name: string,
  wanted: Attributes,
): Promise<Queue> {
  const command = new CreateQueueCommand({ QueueName: name, Attributes: { ...wanted } });
  for (const deadline = Date.now() + recreateMs; ; ) {
    try {
      const { QueueUrl } = await client.send(command);
      return { url: QueueUrl ?? '', name };
    } catch (error) {
      const isEarly = nameOf(error) === 'QueueDeletedRecently' && Date.now() < deadline;
      if (!isEarly) throw awsError(error, placeOf(name));
      await new Promise((resolve) => setTimeout(resolve, recreatePauseMs));
    }
  }
}

export async function setAttributes(
  client: SQSClient,
  queue: Queue,
  wanted: Attributes,
): Promise<void> {
  try {
    await client.send(
      new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { ...wanted } }),
    );
  } catch (error) {
    throw awsError(error, placeOf(queue.name));
  }
}

function policyOf(deadArn: string): string {
  return JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount });
}

function policyDeviations(found: Attributes, wanted: Attributes): string[] {
  const [is, wants] = [policyIn(found), policyIn(wanted)];
  if (is === null) return ['has no redrive policy'];
  if (is.deadLetterTargetArn !== wants?.deadLetterTargetArn) {
    return ['has a redrive policy to another queue'];
  }
  const receives = Number(is.maxReceiveCount ?? 0);
  return receives < fewestReceives ? [`gives a message up after ${receives} receives`] : [];
}

function policyIn(attributes: Attributes) {
  try {
    return JSON.parse(attributes['RedrivePolicy'] ?? '') as {
      readonly deadLetterTargetArn?: string;
      readonly maxReceiveCount?: number | string;
    };
  } catch {
    return null;
  }
}

function daysOf(seconds: number): string {
  return `${Math.round((seconds / 86_400) * 10) / 10} days`;
}
