/**
 * The one process of a contender. The first order says which, and whether to prepare (make its tables,
 * queue the backlog) or to run; while it runs it is asked for what it handled and what that cost it.
 */
import { say } from './say.mjs';

let handled = 0;
let stop = async () => {};

process.on('message', (order) => {
  obey(order).catch((error) => {
    say(error);
    process.send({ error: String(error?.message ?? error) });
  });
});

async function obey({ what, module, url, adminUrl, count, options }) {
  const contender = module === undefined ? null : await import(module);
  if (what === 'prepare') await contender.prepare(url, count, options, adminUrl);
  if (what === 'run') stop = await contender.start(url, options, addHandled, adminUrl);
  if (what === 'stop') await stop();
  const { user, system } = process.cpuUsage();
  const answer = { handled, cpuSeconds: (user + system) / 1e6, outcome: contender?.outcome };
  process.send(answer);
}

function addHandled(count) {
  handled += count;
}
