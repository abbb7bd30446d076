/**
 * One store's client of DynamoDB: sends requests, names their errors, and counts what they cost. Each
 * store has one of its own, so that requests and capacity are told apart.
 *
 *  S1 A request that another transaction was in the way of certainly did nothing, and is repeated.
 *  S2 A condition that did not hold comes as `ConditionFailed`, with the item that was there; `isSure`
 *     says that no earlier attempt of the same request can have taken effect.
 *  S3 Whoever closes waits for the operations under way; later ones are refused.
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import type { StoreCounts } from '../../../engine/backend.js';
import { OncectlError } from '../../../engine/errors.js';
import { type Attempts, watchAttempts } from '../shared/attempts.js';
import { type AwsOptions, clientConfig } from '../shared/client.js';
import { awsError, happenedOf, nameOf, type Place } from '../shared/errors.js';
import { Capacity } from './capacity.js';
import { type Item, tooLarge } from './item.js';

export interface Answer {
  readonly $metadata: object;
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] | undefined;
}

/** A condition that did not hold. Never leaves this folder. */
export class ConditionFailed extends Error {
  constructor(
    /** Null when nothing was there, or the server does not tell. */
    readonly present: Item | null,
    readonly isSure: boolean,
    cause: unknown,
  ) {
    super('a condition did not hold', { cause });
  }
}

/** Tries of a request that other transactions are in the way of, and the first pause between, ms. */
const mostTries = 12;
const firstPauseMs = 4;
const longestPauseMs = 200;

export class Session {
  readonly client: DynamoDBClient;
  readonly attempts: Attempts;
  readonly capacity = new Capacity();
  #operations = 0;
  #isClosed = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(aws: AwsOptions) {
    this.client = new DynamoDBClient(clientConfig('dynamodb', aws));
    this.attempts = watchAttempts(this.client);
  }

  /** Requests, with those that the SDK repeated, and the port operations they carried. */
  get counts(): StoreCounts {
    return { flushes: this.attempts.total, operations: this.#operations };
  }

  /** Runs a port operation of one or more requests (S3). */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new OncectlError('unreachable', 'the store was closed', { happened: 'no' });
    }
    this.#operations++;
    const running = operation();
    this.#underWay.add(running);
    return running.finally(() => this.#underWay.delete(running));
  }

  /** One request on a table, repeated while another transaction is in its way (S1). */
  async send<T extends Answer>(
    kind: 'read' | 'write',
    table: string,
    request: (client: DynamoDBClient) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await request(this.client);
        if (answer.ConsumedCapacity) this.capacity.add(kind, answer.ConsumedCapacity);
        return answer;
      } catch (error) {
        if (!isBusy(error) || tries >= mostTries) throw this.#named(error, table);
        await wait(pauseMs(tries));
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#underWay]);
    this.client.destroy();
  }

  #named(error: unknown, table: string): Error {
    const isSure = happenedOf(error) === 'no';
    if (error instanceof ConditionalCheckFailedException) {
      const present = error.Item ?? null;
      this.capacity.addFailed(present, 1);
      return new ConditionFailed(present, isSure, error);
    }
    if (error instanceof TransactionCanceledException) return this.#canceled(error, table, isSure);
    if (isTooLarge(error)) return tooLarge('the item', `table ${table}`, 'grows too large');
    return awsError(error, tablePlace(table));
  }

  /** S2, for the first of its reasons; what the others would have said is not known. */
  #canceled(error: TransactionCanceledException, table: string, isSure: boolean): Error {
    const reasons = error.CancellationReasons ?? [];
    for (const { Item } of reasons) this.capacity.addFailed(Item ?? null, 2);
    const failed = reasons.find(({ Code }) => Code === 'ConditionalCheckFailed');
    if (failed) return new ConditionFailed(failed.Item ?? null, isSure, error);
    if (reasons.some(isTooLarge)) return tooLarge('the item', `table ${table}`, 'grows too large');
    if (isBusy(error)) return inTheWay(table, isSure, error);
    return awsError(error, tablePlace(table));
  }
}

function tablePlace(table: string): Place {
  return { service: 'Amazon DynamoDB', about: `table ${table}`, thing: 'table' };
}

/** A pause before a repetition, with jitter, so that those who collided do not meet again. */
export function pauseMs(tries: number): number {
  return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** tries);
}

const passing = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

/** Nothing was written, because others were writing or there were too many. */
function isBusy(error: unknown): boolean {
  if (nameOf(error) === 'TransactionConflict') return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
  const isOther = (code: string) => code !== 'None' && !passing.includes(code);
  return codes.some((code) => passing.includes(code)) && !codes.some(isOther);
}

/** The service names no error for it; its text is the only sign. */
function isTooLarge(error: unknown): boolean {
  const { message, Message } = (error ?? {}) as { message?: unknown; Message?: unknown };
  return /item size .*exceeded the maximum/i.test(String(Message ?? message));
}

function inTheWay(table: string, isSure: boolean, cause: unknown): OncectlError {
  return new OncectlError('unreachable', 'other transactions kept writing the same items', {
    about: `table ${table}`,
    happened: isSure ? 'no' : 'unknown',
    hint: 'it is tried again; lower the number of workers if it goes on',
    cause,
  });
}
