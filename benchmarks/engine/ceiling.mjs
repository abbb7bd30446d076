/** The bare library: the writes of a message, in the engine's own batches, and nothing else. */
import { fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('ceiling-process.mjs', import.meta.url));
const tries = 10;

/**
 * Messages a second of all processes together. The bare library failed now and then under two writers
 * ("Invalid null txn id"), or hung: it then starts again with an empty folder, and that is counted.
 */
export async function measureCeiling({ folder, workers, ...order }) {
  for (let failures = 0; ; failures++) {
    const own = join(folder, `try-${failures}`);
    mkdirSync(own);
    const all = Array.from({ length: workers }, (_, index) =>
      inChild({ ...order, folder: own, index }),
    );
    const answers = await Promise.allSettled(all);
    rmSync(own, { recursive: true, force: true });
    const failed = answers.find(({ status }) => status === 'rejected');
    if (!failed) return { perSecond: answers.reduce((sum, { value }) => sum + value, 0), failures };
    if (failures + 1 === tries) throw failed.reason;
  }
}

function inChild(order) {
  return new Promise((resolve, reject) => {
    const handle = fork(child, [], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
    let answer = null;
    handle.once('message', ({ perSecond }) => {
      answer = perSecond;
    });
    const hung = setTimeout(() => handle.kill('SIGKILL'), (order.seconds + 20) * 1000);
    handle.once('exit', (code) => {
      clearTimeout(hung);
      if (answer === null) reject(new Error(`the bare library's process ended with ${code}`));
      else resolve(answer);
    });
    handle.send(order);
  });
}
