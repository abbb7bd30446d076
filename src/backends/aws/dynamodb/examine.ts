/**
 * What `oncectl doctor` looks at. Permissions are tried with requests that do nothing: reads of a key
 * that no entity can have, and writes under a condition that cannot hold.
 */
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Finding } from '../../../engine/backend.js';
import { OncectlError } from '../../../engine/errors.js';
import { batchGet, batchWrite } from './batch.js';
import { text } from './item.js';
import { type Answer, ConditionFailed, type Session } from './session.js';
import { keyItem } from './table.js';
import { type TableState, tableState } from './table-state.js';
import { indexName, type TableOptions, type TableShape, tablesOf } from './tables.js';

/** Leases and retention compare clocks of several machines; above this they are off noticeably. */
const mostSkewMs = 5_000;
const slowMs = 50;
const rounds = 5;

/** No endpoint has an empty name. */
const nobody = '/oncectl-doctor';

export async function* examine(session: Session, options: TableOptions): AsyncIterable<Finding> {
  const shapes = tablesOf(options);
  const states: TableState[] = [];
  for (const shape of shapes) {
    const state = await tryState(session, shape);
    if (state instanceof OncectlError) {
      yield broken('Amazon DynamoDB', state);
      return;
    }
    states.push(state);
    yield ofState(state);
    if (state.deletesExpired !== null) yield ofExpiry(state);
  }
  yield ofClock(session);
  for (const [at, shape] of shapes.entries()) {
    if (states[at]?.state === 'missing' || states[at]?.state === 'wrong') continue;
    yield await latency(session, shape);
    yield* permissions(session, shape, options.separateEntries);
  }
}

async function tryState(session: Session, shape: TableShape): Promise<TableState | OncectlError> {
  try {
    return await tableState(session, shape);
  } catch (error) {
    if (error instanceof OncectlError) return error;
    throw error;
  }
}

function ofState({ name, state, detail, description }: TableState): Finding {
  const what = `table ${name}`;
  const status = description?.TableStatus ?? 'missing';
  const found =
    detail ?? `${status.toLowerCase()}, ${description?.ItemCount ?? 0} items some hours ago`;
  if (state === 'ready' && status === 'ACTIVE') {
    return { what, verdict: 'ok', detail: found, hint: null };
  }
  if (state === 'ready') {
    return {
      what,
      verdict: 'note',
      detail: `it is ${status.toLowerCase()}`,
      hint: 'wait a moment',
    };
  }
  const hint =
    state === 'wrong' ? 'choose another prefix for the tables' : 'run `oncectl deploy up`';
  const isUsable = state === 'outdated';
  return { what, verdict: isUsable ? 'note' : 'breaks', detail: detail ?? 'it is missing', hint };
}

function ofExpiry({ name, deletesExpired }: TableState): Finding {
  const what = `expiry in table ${name}`;
  if (deletesExpired) {
    return { what, verdict: 'ok', detail: 'on, by the attribute expires', hint: null };
  }
  return {
    what,
    verdict: 'note',
    detail: 'off: what has expired stays, and is paid for',
    hint: 'run `oncectl deploy up`',
  };
}

function ofClock({ attempts }: Session): Finding {
  const what = 'clock skew to Amazon DynamoDB';
  const skew = attempts.clockSkewMs;
  if (skew === null) {
    return { what, verdict: 'note', detail: 'the server does not tell its time', hint: null };
  }
  const isOff = Math.abs(skew) > mostSkewMs;
  return {
    what,
    verdict: isOff ? 'breaks' : 'ok',
    detail: `${skew / 1000} s`,
    hint: isOff ? 'set the clock of this machine' : null,
  };
}

async function latency(session: Session, { name, keys }: TableShape): Promise<Finding> {
  const what = `latency of a read from table ${name}`;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const [outcome] = await batchGet(session, name, [keyItem(nobody, sortKey(keys))], null);
    if (outcome?.status === 'rejected') return broken(what, outcome.reason);
    best = Math.min(best, performance.now() - start);
  }
  const isSlow = best > slowMs;
  return {
    what,
    verdict: isSlow ? 'note' : 'ok',
    detail: `${best.toFixed(1)} ms, the best of ${rounds}`,
    hint: isSlow ? 'run the workers in the region of the tables' : null,
  };
}

async function* permissions(
  session: Session,
  shape: TableShape,
  separateEntries: boolean,
): AsyncIterable<Finding> {
  const allowed: string[] = [];
  for (const [name, request] of trials(session, shape, separateEntries)) {
    try {
      await request();
      allowed.push(name);
    } catch (error) {
      if (error instanceof ConditionFailed) allowed.push(name);
      else yield broken(`permission for ${name} on table ${shape.name}`, error);
    }
  }
  const what = `permissions on table ${shape.name}`;
  yield { what, verdict: 'ok', detail: allowed.join(', '), hint: null };
}

type Trial = readonly [string, () => Promise<unknown>];

/** What the store asks of the table, by the names of the permissions. */
function trials(session: Session, shape: TableShape, separateEntries: boolean): readonly Trial[] {
  const { name, keys } = shape;
  const Key = keyItem(nobody, sortKey(keys));
  const trial = (action: string, request: (client: DynamoDBClient) => Promise<Answer>): Trial => [
    action,
    () => session.send('write', name, request),
  ];
  const never = {
    TableName: name,
    ConditionExpression: 'attribute_exists(#k) AND attribute_not_exists(#k)',
    ExpressionAttributeNames: { '#k': 'key' },
  };
  const scan = trial('Scan', (client) =>
    client.send(new ScanCommand({ TableName: name, Limit: 1 })),
  );
  const update = trial('UpdateItem', (client) =>
    client.send(new UpdateItemCommand({ ...never, Key })),
  );
  const put = trial('PutItem', (client) =>
    client.send(new PutItemCommand({ ...never, Item: Key })),
  );
  const remove = trial('DeleteItem', (client) =>
    client.send(new DeleteItemCommand({ ...never, Key })),
  );
  const get = [{ Get: { TableName: name, Key } }];
  const transact = trial('GetItem in a transaction', (client) =>
    client.send(new TransactGetItemsCommand({ TransactItems: get })),
  );
  if (!shape.index) return [scan, batchDelete(session, name, Key)];
  const isEntries = shape.entries === null;
  return [
    scan,
    query(session, name),
    update,
    ...(isEntries ? [put, remove] : []),
    ...(separateEntries ? [transact] : []),
  ];
}

function batchDelete(session: Session, name: string, Key: ReturnType<typeof keyItem>): Trial {
  return [
    'BatchWriteItem',
    async () => {
      const [outcome] = await batchWrite(session, name, [{ DeleteRequest: { Key } }]);
      if (outcome?.status === 'rejected') throw outcome.reason;
    },
  ];
}

function query(session: Session, name: string): Trial {
  return [
    'Query',
    () =>
      session.send('read', name, (client) =>
        client.send(
          new QueryCommand({
            TableName: name,
            IndexName: indexName,
            KeyConditionExpression: '#p = :p',
            ExpressionAttributeNames: { '#p': 'pending' },
            ExpressionAttributeValues: { ':p': text(nobody) },
          }),
        ),
      ),
  ];
}

function sortKey(keys: readonly string[]): string | undefined {
  return keys.length > 1 ? nobody : undefined;
}

function broken(what: string, error: unknown): Finding {
  if (!(error instanceof OncectlError)) throw error;
  return { what, verdict: 'breaks', detail: error.message, hint: error.hint ?? null };
}
