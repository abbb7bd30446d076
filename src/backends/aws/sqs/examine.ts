/**
 * What `oncectl doctor` looks at in SQS. Permissions are tried with calls that change nothing: batches
 * without entries, which SQS refuses either way, but for a different reason when they are not allowed.
 */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Finding, Resource } from '../../../engine/backend.js';
import type { OncectlError } from '../../../engine/errors.js';
import type { Attempts } from '../shared/attempts.js';
import { awsError } from '../shared/errors.js';
import { deadQueueName, queueName } from './names.js';
import { findQueue, isMissing, placeOf, type Queue } from './queues.js';

export interface Examined {
  readonly client: SQSClient;
  readonly attempts: Attempts;
  readonly namespace: string;
  readonly endpoints: readonly string[];
  readonly inspect: () => Promise<readonly Resource[]>;
}

/** AWS refuses a request whose time is 5 minutes off. */
const worstSkewMs = 240_000;
const notableSkewMs = 5_000;

/** Stops at the first finding that makes the others pointless: SQS cannot be reached, or not used. */
export async function* examineQueues(examined: Examined): AsyncIterable<Finding> {
  const reached = await examineReach(examined);
  yield reached;
  if (reached.verdict === 'breaks') return;
  yield examineClock(examined.attempts);
  for (const resource of await examined.inspect()) yield ofResource(resource);
  for (const endpoint of examined.endpoints) {
    const queue = await findQueue(examined.client, queueName(examined.namespace, endpoint));
    if (queue) yield await examinePermissions(examined.client, queue);
  }
  yield {
    what: 'redrive by the AWS console',
    verdict: 'note',
    detail: 'gives messages new ids of the broker; oncectl tells them by its own, inside them',
    hint: null,
  };
}

/** Twice, so that the figure is that of a connection which is there already. */
async function examineReach({ client, namespace, endpoints }: Examined): Promise<Finding> {
  const what = 'reaching Amazon SQS';
  const name = deadQueueName(namespace, endpoints[0] ?? 'none');
  const ask = () =>
    client.send(new GetQueueUrlCommand({ QueueName: name })).catch((error: unknown) => {
      if (!isMissing(error)) throw awsError(error, placeOf(name));
    });
  try {
    await ask();
    const began = performance.now();
    await ask();
    const detail = `answers in ${Math.round(performance.now() - began)} ms`;
    return { what, verdict: 'ok', detail, hint: null };
  } catch (error) {
    const { message, hint = null } = error as OncectlError;
    return { what, verdict: 'breaks', detail: message, hint };
  }
}

function examineClock({ clockSkewMs }: Attempts): Finding {
  const what = 'clock skew to Amazon SQS';
  if (clockSkewMs === null) return { what, verdict: 'note', detail: 'not told', hint: null };
  const off = Math.abs(clockSkewMs);
  const verdict = off >= worstSkewMs ? 'breaks' : off >= notableSkewMs ? 'note' : 'ok';
  const detail = off < 2000 ? 'none to speak of' : `${Math.round(off / 1000)} s`;
  return { what, verdict, detail, hint: verdict === 'ok' ? null : "set this machine's clock" };
}

function ofResource({ name, state, detail }: Resource): Finding {
  const what = `queue ${name}`;
  if (state === 'ready') return { what, verdict: 'ok', detail: 'as it must be', hint: null };
  const verdict = state === 'unused' ? 'note' : 'breaks';
  const hint =
    state === 'wrong'
      ? 'choose another namespace, or remove that queue'
      : 'run `oncectl deploy up`';
  return { what, verdict, detail: detail ?? state, hint: state === 'unused' ? null : hint };
}

/** The receive asks for no lease: whatever it finds stays visible, one receive older. */
async function examinePermissions(client: SQSClient, { url, name }: Queue): Promise<Finding> {
  const what = `permissions on ${name}`;
  const QueueUrl = url;
  const receive = { QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 0, WaitTimeSeconds: 0 };
  const nothing = { QueueUrl, Entries: [] };
  const trials: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['sqs:SendMessage', () => client.send(new SendMessageBatchCommand(nothing))],
    ['sqs:ReceiveMessage', () => client.send(new ReceiveMessageCommand(receive))],
    ['sqs:DeleteMessage', () => client.send(new DeleteMessageBatchCommand(nothing))],
    [
      'sqs:ChangeMessageVisibility',
      () => client.send(new ChangeMessageVisibilityBatchCommand(nothing)),
    ],
  ];
  const denied: string[] = [];
  for (const [permission, attempt] of trials) {
    const error = await attempt().catch((thrown: unknown) => awsError(thrown, placeOf(name)));
    if ((error as OncectlError).kind === 'denied') denied.push(permission);
  }
  if (denied.length === 0) {
    return { what, verdict: 'ok', detail: 'send, receive, delete, change visibility', hint: null };
  }
  const hint = `allow ${denied.join(', ')} in the policy of this user or role`;
  return { what, verdict: 'breaks', detail: `not allowed: ${denied.join(', ')}`, hint };
}
