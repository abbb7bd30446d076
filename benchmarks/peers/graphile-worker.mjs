/**
 * graphile-worker 0.18.
 *
 * Settings: those of its own throughput figures (worker.graphile.org/docs/performance, "With batching"):
 * 24 jobs at a time, a pool of 25 connections, a local queue of 500, completions batched without delay;
 * the refetch delay of 10 ms is its perfTest's. Its starting point for others (10 jobs, a local queue of
 * 11, completions every 250 ms) is no faster here.
 *
 * Guarantee: deposit and new job commit together, in a transaction of the task's own. The completion of
 * the job is a transaction of its own afterwards: at least once. A worker that dies in between deposits
 * twice; the task would need a table of handled ids.
 *
 * `inOne`: the same in one statement, which saves three round trips. Not what its documentation shows,
 * but what somebody in need of speed can write.
 */
import { makeWorkerUtils, run } from 'graphile-worker';
import {
  balanceQuery,
  batchesOf,
  bodyOf,
  createAccounts,
  deposit,
  firstQueue,
  secondQueue,
} from './accounts.mjs';
import { say } from './say.mjs';

let stopping = false;
/**
 * Stopping with jobs in the local queue, 0.18 complains of its own queue; they go back all the same, as
 * the counts afterwards show.
 */
const error = (...what) => stopping || say(...what);
const logger = { scope: () => logger, error, warn() {}, info() {}, debug() {} };

export async function prepare(url, count) {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  await utils.withPgClient(createAccounts);
  for (const batch of batchesOf(count, 5000)) {
    await utils.addJobs(batch.map((index) => ({ identifier: firstQueue, payload: bodyOf(index) })));
  }
  await utils.release();
}

export async function start(url, { inOne }, onHandled) {
  const handle = inOne ? inOneStatement : inTransaction;
  const task = async (body, { withPgClient }) => {
    await withPgClient((client) => handle(client, body));
    onHandled(1);
  };
  const runner = await run({
    logger,
    taskList: { [firstQueue]: task },
    noHandleSignals: true,
    preset: {
      worker: {
        connectionString: url,
        concurrentJobs: 24,
        maxPoolSize: 25,
        localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  return async () => {
    stopping = true;
    await runner.stop().catch(() => {});
  };
}

async function inTransaction(client, body) {
  await client.query('begin');
  try {
    await client.query(deposit(body));
    await client.query({
      name: 'send',
      text: 'select 1 from graphile_worker.add_job($1, $2::json)',
      values: [secondQueue, JSON.stringify(body)],
    });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function inOneStatement(client, body) {
  await client.query({
    name: 'deposit-and-send',
    text: `with changed as (update accounts set balance = balance + $2 where id = $1 returning id)
      select 1 from changed, graphile_worker.add_job($3, $4::json)`,
    values: [body.account, body.amount, secondQueue, JSON.stringify(body)],
  });
}

export const outcome = {
  sent: `select count(*)::integer as count from graphile_worker.jobs
    where task_identifier = '${secondQueue}'`,
  deposited: balanceQuery,
};
