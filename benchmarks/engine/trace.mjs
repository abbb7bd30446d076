/**
 * What one handled message writes, by environment: read off the engine at work, not typed in. The
 * tables of the embedded backend are watched while messages go round the ring in this process.
 */

import { basename } from 'node:path';
import { Env } from '../../dist/src/backends/embedded/env.js';
import { benchEndpoint } from '../../dist/src/bench/bench-handlers.js';
import { openDeployment } from '../../dist/src/deployment/open.js';
import { protocols } from '../../dist/src/engine/protocols/index.js';
import { startRuntime } from '../../dist/src/engine/runtime/runtime.js';
import { ringProfile } from './ring.mjs';
import { seed } from './seed.mjs';

const messages = 3000;

export async function traceWrites(folder, protocol) {
  const profile = await ringProfile(protocol);
  await seed(profile, folder, 600);
  const seen = {};
  const restore = watchTables(seen);
  const deployment = await openDeployment({ profile, folder, worker: 'trace', maintain: false });
  restore();
  const handled = await handle(profile, deployment);
  await deployment.close();
  return summary(seen, handled, deployment.counts());
}

/** Every write in order: table, key, bytes of the value (-1: a removal). */
function watchTables(seen) {
  const original = Env.prototype.table;
  Env.prototype.table = function table(name) {
    const db = original.call(this, name);
    const env = basename(this.path, '.mdb');
    seen[env] ??= [];
    const writes = seen[env];
    const put = db.put.bind(db);
    const remove = db.remove.bind(db);
    db.put = (key, value) => {
      writes.push([name, key, value.length]);
      return put(key, value);
    };
    db.remove = (key) => {
      writes.push([name, key, -1]);
      return remove(key);
    };
    return db;
  };
  return () => {
    Env.prototype.table = original;
  };
}

async function handle(profile, { ports }) {
  let handled = 0;
  let enough = () => {};
  const done = new Promise((resolve) => {
    enough = resolve;
  });
  const endpoints = profile.deployment.endpoints.map((endpoint) => ({
    definition: benchEndpoint(endpoint),
    protocol: protocols[endpoint.protocol],
    ports,
    limits: { sendsTo: endpoint.sendsTo, mayName: new Set(), maxBodyBytes: 1e6 },
    concurrency: 64,
  }));
  const finished = () => {
    if (++handled === messages) enough();
  };
  const { visibilityMs, retentionMs, maxAttempts, backoffMs } = profile.deployment;
  const observer = { finished };
  const runtime = startRuntime({
    worker: 'trace',
    endpoints,
    visibilityMs,
    retentionMs,
    maxAttempts,
    backoffMs,
    audit: false,
    observer,
  });
  await done;
  await runtime.stop();
  return handled;
}

function summary(seen, handled, counts) {
  const used = Object.entries(seen).filter(([, writes]) => writes.length > 0);
  return Object.fromEntries(
    used.map(([env, writes]) => [
      env,
      { writes, handled, operations: counts[env].operations / handled },
    ]),
  );
}
