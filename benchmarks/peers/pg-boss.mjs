/**
 * pg-boss 12.
 *
 * Settings: a transactional worker with batches (`transactional`, `batchSize`, `burstWhenBatchFull`:
 * pgboss.io/api/workers), which is how its documentation has a backlog worked off and deposit, new jobs
 * and completion committed together; a pool of its default 10 connections; maintenance on, as by
 * default. It recommends no size and no number of workers: both are options here. A worker with
 * `batchSize: 1` takes one job in each polling interval, half a second at least: there is no figure for
 * it.
 *
 * `setBased`: a handler written for whole batches, one statement for all deposits, which what a message
 * does must allow. Otherwise a statement for each message. Sending is one call for the batch in both.
 * The larger batches are the fastest of those tried (25 to 1,000 jobs, 1 to 4 workers); no account comes
 * twice in one of them, so that each message is an update of a row.
 *
 * Guarantee: exactly one effect on the database. A batch fails or succeeds as a whole: one bad job sends
 * all of its batch round again, unless the handler isolates it.
 */
import pg from 'pg';
import { PgBoss } from 'pg-boss';
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

function open(connectionString) {
  const boss = new PgBoss({ connectionString });
  boss.on('error', say);
  return boss.start();
}

export async function prepare(url, count) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await createAccounts(client);
  await client.end();
  const boss = await open(url);
  await boss.createQueue(firstQueue);
  await boss.createQueue(secondQueue);
  for (const batch of batchesOf(count, 5000)) {
    await boss.insert(
      firstQueue,
      batch.map((index) => ({ data: bodyOf(index) })),
    );
  }
  await boss.stop({ graceful: true });
}

export async function start(url, { batchSize, workers, setBased }, onHandled) {
  const boss = await open(url);
  const options = {
    batchSize,
    localConcurrency: workers,
    transactional: true,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
  };
  await boss.work(firstQueue, options, async (jobs, db) => {
    const bodies = jobs.map(({ data }) => data);
    if (setBased) await depositAll(db, bodies);
    else await depositEach(db, bodies);
    await boss.insert(
      secondQueue,
      bodies.map((data) => ({ data })),
      { db },
    );
    onHandled(jobs.length);
  });
  return () => boss.stop({ graceful: true });
}

/** In the order of the accounts, so that batches never wait in a circle. */
async function depositEach(db, bodies) {
  for (const body of bodies.toSorted((a, b) => (a.account < b.account ? -1 : 1))) {
    const { text, values } = deposit(body);
    await db.executeSql(text, values);
  }
}

/** All deposits of a batch; accounts are locked in order, so that batches never wait in a circle. */
async function depositAll(db, bodies) {
  await db.executeSql(
    `with changes as (
      select id, sum(amount) as amount
      from unnest($1::text[], $2::bigint[]) as given (id, amount) group by id
    ), locked as (
      select a.id from accounts a where a.id in (select id from changes) order by a.id for update
    )
    update accounts a set balance = a.balance + c.amount
    from changes c join locked l on l.id = c.id where a.id = l.id`,
    [bodies.map(({ account }) => account), bodies.map(({ amount }) => amount)],
  );
}

export const outcome = {
  sent: `select count(*)::integer as count from pgboss.job where name = '${secondQueue}'`,
  deposited: balanceQuery,
};
