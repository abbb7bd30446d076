/**
 * One table: the few calls that the stores make of it. Reads are strongly consistent, at half a unit
 * more than eventual ones; reads by key, and writes without a condition, go together in batches.
 */
import {
  DeleteItemCommand,
  QueryCommand,
  ScanCommand,
  type ScanCommandInput,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { Coalescer } from '../shared/coalesce.js';
import { batchGet, batchWrite, mostBytes, mostReads, mostWrites } from './batch.js';
import { type Item, sizeOf, text, textOf } from './item.js';
import type { Session } from './session.js';
import { indexName } from './tables.js';
import { Update } from './update.js';

/** With few requests under way the next goes at once; more of them only when they are full. */
const partial = 2;
const readsUnderWay = 8;
/** 25 writes each: more would only queue up on the server, and be repeated when they take too long. */
const writesUnderWay = 4;

/** Parts of a table that are scanned at once by one search. */
const scansAtOnce = 4;

export interface TableUse {
  /** Reads by key answer with these attributes only, the key among them. All by default. */
  readonly projection?: readonly string[];
  /** How long a write may wait for others, ms: where nobody waits for it. Default 0. */
  readonly lingerMs?: number;
}

/** An item as the index of what is pending shows it. */
export interface Marked {
  readonly key: string;
  readonly place: string;
}

export class Table {
  readonly name: string;
  readonly session: Session;
  readonly #reads: Coalescer<Item, Item | null>;
  readonly #writes: Coalescer<WriteRequest, void>;

  constructor(session: Session, name: string, { projection, lingerMs = 0 }: TableUse = {}) {
    this.name = name;
    this.session = session;
    this.#reads = new Coalescer({
      run: (keys) => batchGet(session, name, keys, projection ?? null),
      maxItems: mostReads,
      partial,
      concurrency: readsUnderWay,
    });
    this.#writes = new Coalescer({
      run: (writes) => batchWrite(session, name, writes),
      maxItems: mostWrites,
      maxBytes: mostBytes,
      bytesOf: ({ PutRequest }) => sizeOf(PutRequest?.Item ?? {}),
      lingerMs: () => lingerMs,
      partial,
      concurrency: writesUnderWay,
    });
  }

  /** The item as it is at some time after this call. */
  read(key: string, at?: string): Promise<Item | null> {
    return this.#reads.add(keyItem(key, at));
  }

  /** Unconditional, and the same when it is done twice. */
  put(item: Item): Promise<void> {
    return this.#writes.add({ PutRequest: { Item: { ...item } } });
  }

  /** What is not there is no error. */
  drop(key: string, at?: string): Promise<void> {
    return this.#writes.add({ DeleteRequest: { Key: keyItem(key, at) } });
  }

  /** Rejects with `ConditionFailed`. Resolves with the item as it is now, when that is asked for. */
  async update(key: string, update: Update, returns: 'new' | 'none' = 'none'): Promise<Item> {
    const { Attributes } = await this.session.send('write', this.name, (client) =>
      client.send(
        new UpdateItemCommand({
          TableName: this.name,
          Key: keyItem(key),
          ...update.parts(),
          ReturnValues: returns === 'new' ? 'ALL_NEW' : 'NONE',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
    return Attributes ?? {};
  }

  /** Deletes the item when the conditions of `condition` hold; rejects with `ConditionFailed`. */
  async remove(key: string, condition: Update): Promise<void> {
    await this.session.send('write', this.name, (client) =>
      client.send(
        new DeleteItemCommand({
          TableName: this.name,
          Key: keyItem(key),
          ...condition.parts(),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
  }

  /** What lies in one partition of the index, from `place` on, in the order of places. Eventually so. */
  async queryPending(partition: string, place: string, limit: number): Promise<readonly Marked[]> {
    const { Items = [] } = await this.session.send('read', this.name, (client) =>
      client.send(
        new QueryCommand({
          TableName: this.name,
          IndexName: indexName,
          KeyConditionExpression: '#pending = :partition AND #place >= :place',
          ExpressionAttributeNames: { '#pending': 'pending', '#place': 'place' },
          ExpressionAttributeValues: { ':partition': text(partition), ':place': text(place) },
          Limit: limit,
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
    return Items.map((item) => ({
      key: textOf(item['key']) ?? '',
      place: textOf(item['place']) ?? '',
    }));
  }

  /**
   * Keys that begin with `prefix`, of items that have one of these attributes, if any are named; in no
   * order. Reads, and is charged for, the whole table, in several parts at once.
   */
  async keys(prefix: string, having: readonly string[] = []): Promise<readonly string[]> {
    const filter = new Update().where('begins_with(#key, :prefix)');
    if (having.length > 0) {
      const clauses = having.map((name) => `attribute_exists(${filter.path([name])})`);
      filter.where(`(${clauses.join(' OR ')})`);
    }
    const { ConditionExpression = '', ExpressionAttributeNames = {} } = filter.parts();
    const request = {
      FilterExpression: ConditionExpression,
      ProjectionExpression: '#key',
      ExpressionAttributeNames: { ...ExpressionAttributeNames, '#key': 'key' },
      ExpressionAttributeValues: { ':prefix': text(prefix) },
    };
    const segments = Array.from({ length: scansAtOnce }, async (_, Segment) => {
      const found: string[] = [];
      const part = { ...request, Segment, TotalSegments: scansAtOnce };
      for await (const { key } of this.#scan(part)) found.push(textOf(key) ?? '');
      return found;
    });
    return (await Promise.all(segments)).flat();
  }

  /** Every item that is there all the time while this runs. */
  scan(): AsyncIterable<Item> {
    return this.#scan({});
  }

  async *#scan(part: Partial<ScanCommandInput>): AsyncGenerator<Item> {
    let from: Item | undefined;
    do {
      const answer = await this.session.send('read', this.name, (client) =>
        client.send(
          new ScanCommand({
            ...part,
            TableName: this.name,
            ConsistentRead: true,
            ReturnConsumedCapacity: 'TOTAL',
            ...(from ? { ExclusiveStartKey: { ...from } } : {}),
          }),
        ),
      );
      yield* answer.Items ?? [];
      from = answer.LastEvaluatedKey;
    } while (from);
  }
}

export function keyItem(key: string, at?: string) {
  return { key: text(key), ...(at === undefined ? {} : { at: text(at) }) };
}
