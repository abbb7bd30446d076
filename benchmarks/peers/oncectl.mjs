/**
 * oncectl on the PostgreSQL backend: an endpoint with an entity for each account.
 *
 * Settings: the defaults of a profile (4 connections, 2 ms to gather, leases of 30 s, retention of 7
 * days, purging on), audit off; `concurrency` is as many messages at a time as the largest batches of a
 * peer hold.
 */
import { openPostgres, postgresProvisioner } from '../../dist/src/backends/postgres/index.js';
import { preciseNow } from '../../dist/src/engine/clock.js';
import { Entrance } from '../../dist/src/engine/enter.js';
import { endpoint } from '../../dist/src/engine/handler.js';
import { IdSource } from '../../dist/src/engine/ids.js';
import { protocols } from '../../dist/src/engine/protocols/index.js';
import { startRuntime } from '../../dist/src/engine/runtime/runtime.js';
import { batchesOf, bodyOf, filler, firstQueue, secondQueue } from './accounts.mjs';

const schema = 'oncectl';
const retentionMs = 7 * 24 * 3_600_000;

function open(url, worker) {
  const ports = ['broker', 'business', 'dedupe', 'payload'];
  return openPostgres({ ports, url, schema, worker, retentionMs, maintain: true });
}

export async function prepare(url, count, { protocol }) {
  const provisioner = postgresProvisioner({ url, schema });
  await provisioner.create();
  await provisioner.close();
  const stores = await open(url, 'seed');
  const ids = new IdSource();
  const entrance = new Entrance(stores.ports, () => ids.next());
  for (const batch of batchesOf(count, 2000)) {
    const entered = batch.map((index) => entrance.enter(protocols[protocol], message(ids, index)));
    await Promise.all(entered);
  }
  await stores.close();
}

function message(ids, index) {
  const now = preciseNow();
  const content = bodyOf(index);
  const body = Buffer.from(JSON.stringify(content));
  const headers = { intendedAt: now, sentAt: now };
  return {
    id: ids.next(),
    endpoint: firstQueue,
    type: 'Deposit',
    key: content.account,
    body,
    headers,
  };
}

export async function start(url, { protocol, concurrency }, onHandled) {
  const stores = await open(url, 'worker');
  const runtime = startRuntime({
    worker: 'worker',
    endpoints: [
      {
        definition,
        protocol: protocols[protocol],
        ports: stores.ports,
        limits: { sendsTo: [secondQueue], mayName: new Set([secondQueue]), maxBodyBytes: 1e6 },
        concurrency,
      },
    ],
    visibilityMs: 30_000,
    retentionMs,
    maxAttempts: 5,
    backoffMs: 1000,
    audit: false,
    observer: {
      finished: () => onHandled(1),
      failed: (_, error) => {
        throw error;
      },
    },
  });
  return async () => {
    await runtime.stop();
    await stores.close();
  };
}

const definition = endpoint({
  name: firstQueue,
  handlers: {
    Deposit(received, account, send) {
      const balance = (account.state?.balance ?? 0) + received.body.amount;
      account.state = { id: received.body.account, balance, filler };
      send({ type: 'Deposit', bytes: received.bytes });
    },
  },
});

/** How many messages were sent on, and what all deposits came to: both must be what was handled. */
export const outcome = {
  sent: `select count(*)::integer as count from ${schema}.queue where endpoint = '${secondQueue}'`,
  deposited: `select coalesce(sum((convert_from(state, 'UTF8')::json ->> 'balance')::integer), 0)::integer
    as count from ${schema}.entities`,
};
