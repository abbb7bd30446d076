/** One of the processes that write as fast as the library lets them. */
import { once } from 'node:events';
import { join } from 'node:path';
import { open } from 'lmdb';

/** So many messages may one environment be ahead of the slowest: they belong to the same messages. */
const mostAhead = 2000;

// An exit would wait for the library's writer, which waits for this thread, with the lock held.
process.on('uncaughtException', (error) => {
  process.send({ error: String(error?.message ?? error) }, () =>
    process.kill(process.pid, 'SIGKILL'),
  );
});

process.once('message', async (order) => {
  const lanes = Object.entries(order.writes).map(([name, writes]) => lane(order, name, writes));
  const progress = lanes.map(() => 0);
  const go = once(process, 'message');
  process.send('open');
  await go;
  await race(lanes, progress, 1000);
  const before = Math.min(...progress);
  const from = performance.now();
  await race(lanes, progress, order.seconds * 1000);
  const seconds = (performance.now() - from) / 1000;
  process.send({ perSecond: (Math.min(...progress) - before) / seconds }, () => process.exit(0));
});

/** An environment, and a function that writes the next transaction and says for how many messages. */
function lane({ folder, perTransaction, index }, name, { writes, handled, operations }) {
  const env = open({
    path: join(folder, `${name}.mdb`),
    noSubdir: true,
    encoding: 'binary',
    mapSize: 8 * 1024 ** 3,
    maxDbs: 16,
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const tables = {};
  for (const [table] of writes) tables[table] ??= env.openDB({ name: table, encoding: 'binary' });
  const kept = keptTables(writes);
  const messages = Math.max(1, (perTransaction[name] ?? 1) / operations);
  const value = Buffer.alloc(64 * 1024, 1);
  let at = 0;
  let cycle = 0;
  let owed = 0;
  return async () => {
    owed += (messages * writes.length) / handled;
    await env.transaction(() => {
      for (; owed >= 1; owed--) {
        const [table, key, bytes] = writes[at];
        const fresh = table === 'entities' ? key : renewed(key, `${index}${cycle}`);
        if (bytes < 0) tables[table].remove(fresh);
        else tables[table].put(fresh, value.subarray(0, bytes));
        if (kept.has(table)) tables[table].remove(renewed(key, `${index}${cycle - 1}`));
        at = (at + 1) % writes.length;
        if (at === 0) cycle++;
      }
    });
    return messages;
  };
}

/** Records that outlive their message: the engine purges as many as it writes, and so must this. */
function keptTables(writes) {
  const removed = new Set(writes.filter(([, , bytes]) => bytes < 0).map(([table]) => table));
  const put = new Set(writes.map(([table]) => table));
  return new Set([...put].filter((table) => table !== 'entities' && !removed.has(table)));
}

/** The same place among its endpoint's keys, of another time round: as new messages would lie. */
function renewed(key, round) {
  const slash = key.indexOf('/') + 1;
  return `${key.slice(0, slash)}${round.padStart(6, '0')}${key.slice(slash)}`;
}

/** All environments at once, none far ahead of the others, for so many ms. */
async function race(lanes, progress, ms) {
  const end = performance.now() + ms;
  await Promise.all(
    lanes.map(async (write, at) => {
      while (performance.now() < end) {
        if (progress[at] - Math.min(...progress) > mostAhead) {
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        progress[at] += await write();
      }
    }),
  );
}
