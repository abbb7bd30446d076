/** One of the processes that write as fast as the library lets them. */
import { join } from 'node:path';
import { open } from 'lmdb';

/** So many messages may one environment be ahead of the slowest: they belong to the same messages. */
const mostAhead = 2000;

process.once('message', async (order) => {
  const lanes = Object.entries(order.writes).map(([name, writes]) => lane(order, name, writes));
  const progress = lanes.map(() => 0);
  await race(lanes, progress, 1000);
  const before = Math.min(...progress);
  const from = performance.now();
  await race(lanes, progress, order.seconds * 1000);
  const seconds = (performance.now() - from) / 1000;
  process.send({ perSecond: (Math.min(...progress) - before) / seconds }, () => process.exit(0));
});

/** An environment, and a function that writes the next transaction and says for how many messages. */
function lane({ folder, perTransaction, index }, name, writes) {
  const env = open({
    path: join(folder, `${name}.mdb`),
    noSubdir: true,
    encoding: 'binary',
    mapSize: 8 * 1024 ** 3,
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const table = env.openDB({ name: 'writes', encoding: 'binary' });
  const messages = Math.max(1, (perTransaction[name] ?? 1) / Math.max(writes.operations, 0.01));
  const value = Buffer.alloc(Math.round(writes.valueBytes), 1);
  const pad = '-'.repeat(Math.max(0, Math.round(writes.keyBytes) - 14));
  let put = 0;
  let removed = 0;
  let owedPuts = 0;
  let owedRemoves = 0;
  const key = (at) => `${index}${pad}${String(at).padStart(13, '0')}`;
  return async () => {
    owedPuts += writes.puts * messages;
    owedRemoves += writes.removes * messages;
    await env.transaction(() => {
      for (; owedPuts >= 1; owedPuts--) table.put(key(put++), value);
      for (; owedRemoves >= 1 && removed < put; owedRemoves--) table.remove(key(removed++));
    });
    return messages;
  };
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
