/**
 * Many keys in one request. What the service did not get to is asked for again, with pauses, so that
 * an item's outcome is its own.
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { OncectlError } from '../../../engine/errors.js';
import type { Item } from './item.js';
import { pauseMs, type Session } from './session.js';

/** Limits of the service, and of the bytes in a request (16 MiB, a third of it for base64). */
export const mostReads = 100;
export const mostWrites = 25;
export const mostBytes = 8 * 1024 * 1024;

/** Requests in a row of which nothing was done, before it is given up. */
const mostFruitless = 12;

type Outcome<T> = PromiseSettledResult<T>;

/** Strongly consistent; each answer is of a time after the call. Keys may repeat. */
export async function batchGet(
  session: Session,
  table: string,
  keys: readonly Item[],
  projection: readonly string[] | null,
): Promise<readonly Outcome<Item | null>[]> {
  const names = (projection ?? []).map((name, at) => [`#n${at}`, name] as const);
  const asked = new Map(keys.map((key) => [identityOf(key), key]));
  const found = new Map<string, Item>();
  const request = (some: readonly Item[]) => ({
    Keys: [...some],
    ConsistentRead: true,
    ...(projection
      ? {
          ProjectionExpression: names.map(([holder]) => holder).join(', '),
          ExpressionAttributeNames: Object.fromEntries(names),
        }
      : {}),
  });
  const failed = await inRounds(asked, async (left) => {
    const answer = await session.send('read', table, (client) =>
      client.send(
        new BatchGetItemCommand({
          RequestItems: { [table]: request(left) },
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
    for (const item of answer.Responses?.[table] ?? []) found.set(identityOf(item), item);
    return (answer.UnprocessedKeys?.[table]?.Keys ?? []).map(identityOf);
  });
  return keys.map((key) => outcome(failed, identityOf(key), found.get(identityOf(key)) ?? null));
}

/** Unconditional; of several writes of one item the last one counts. */
export async function batchWrite(
  session: Session,
  table: string,
  writes: readonly WriteRequest[],
): Promise<readonly Outcome<void>[]> {
  const asked = new Map(writes.map((write) => [identityOfWrite(write), write]));
  const failed = await inRounds(asked, async (left) => {
    const answer = await session.send('write', table, (client) =>
      client.send(
        new BatchWriteItemCommand({
          RequestItems: { [table]: [...left] },
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
    return (answer.UnprocessedItems?.[table] ?? []).map(identityOfWrite);
  });
  return writes.map((write) => outcome(failed, identityOfWrite(write), undefined));
}

/**
 * Sends what is left until nothing is; returns the error of each that failed. An answer that brought
 * something was merely full; only after one that brought nothing is there a pause.
 */
async function inRounds<T>(
  asked: ReadonlyMap<string, T>,
  send: (left: readonly T[]) => Promise<readonly string[]>,
): Promise<ReadonlyMap<string, unknown>> {
  let left = new Map(asked);
  for (let fruitless = 0; fruitless < mostFruitless; ) {
    let unprocessed: readonly string[];
    try {
      unprocessed = await send([...left.values()]);
    } catch (error) {
      return new Map([...left.keys()].map((identity) => [identity, error]));
    }
    if (unprocessed.length === 0) return new Map();
    const remain = new Set(unprocessed);
    fruitless = remain.size < left.size ? 0 : fruitless + 1;
    left = new Map([...left].filter(([identity]) => remain.has(identity)));
    if (fruitless > 0) await wait(pauseMs(fruitless));
  }
  return new Map([...left.keys()].map((identity) => [identity, notReached()]));
}

function outcome<T>(failed: ReadonlyMap<string, unknown>, identity: string, value: T): Outcome<T> {
  return failed.has(identity)
    ? { status: 'rejected', reason: failed.get(identity) }
    : { status: 'fulfilled', value };
}

function notReached(): OncectlError {
  const what = 'Amazon DynamoDB throttles the table: it did not get to a part of a batch';
  return new OncectlError('unreachable', what, {
    happened: 'no',
    hint: 'lower the rate, or raise the capacity of the table; nothing is lost',
  });
}

/** The key as one string: no attribute of a key holds a pair of NULs. */
function identityOf(item: Item): string {
  return `${item['key']?.S ?? ''}\0\0${item['at']?.S ?? ''}`;
}

function identityOfWrite({ PutRequest, DeleteRequest }: WriteRequest): string {
  return identityOf(PutRequest?.Item ?? DeleteRequest?.Key ?? {});
}
