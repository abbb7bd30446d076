/** The bare library: the writes of a message, in the engine's own batches, and nothing else. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('ceiling-process.mjs', import.meta.url));

export async function measureCeiling({ folder, writes, perTransaction, seconds, workers }) {
  const order = { folder, writes, perTransaction, seconds };
  const all = Array.from({ length: workers }, (_, index) => inChild({ ...order, index }));
  const answers = await Promise.all(all);
  return { perSecond: answers.reduce((sum, { perSecond }) => sum + perSecond, 0) };
}

function inChild(order) {
  return new Promise((resolve, reject) => {
    const handle = fork(child, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    handle.once('message', resolve);
    handle.once('exit', (code) => code !== 0 && reject(new Error(`ceiling ended with ${code}`)));
    handle.send(order);
  });
}
