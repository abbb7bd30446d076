/** The bare library: the writes of a message, in the engine's own batches, and nothing else. */
import { fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('ceiling-process.mjs', import.meta.url));
const tries = 10;

/**
 * Messages a second of all processes together. They open one after the other, before any of them writes:
 * LMDB rolls back a commit that falls into another process's opening. A process that ends all the same
 * (the bare library gives up now and then under two writers) or hangs is no figure: everything starts
 * again in an empty folder, and `failures` says how often.
 */
export async function measureCeiling({ folder, workers, ...order }) {
  for (let failures = 0; ; failures++) {
    const own = join(folder, `try-${failures}`);
    mkdirSync(own);
    const answer = await tryCeiling({ ...order, folder: own }, workers);
    rmSync(own, { recursive: true, force: true });
    if (!(answer instanceof Error)) return { perSecond: answer, failures };
    if (failures + 1 === tries) throw answer;
  }
}

async function tryCeiling(order, workers) {
  const handles = [];
  try {
    for (let index = 0; index < workers; index++) {
      const handle = fork(child, [], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
      handles.push(handle);
      handle.send({ ...order, index });
      await answerOf(handle, order.seconds);
    }
    const answers = handles.map((handle) => answerOf(handle, order.seconds));
    for (const handle of handles) handle.send('go');
    const all = await Promise.all(answers);
    return all.reduce((sum, { perSecond }) => sum + perSecond, 0);
  } catch (error) {
    return error;
  } finally {
    for (const handle of handles) handle.kill('SIGKILL');
  }
}

function answerOf(handle, seconds) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`the bare library's process ended with ${code}`));
    const hung = setTimeout(() => handle.kill('SIGKILL'), (seconds + 20) * 1000);
    handle.once('exit', ended);
    handle.once('message', (answer) => {
      clearTimeout(hung);
      handle.removeListener('exit', ended);
      if (answer.error) reject(new Error(`the bare library: ${answer.error}`));
      else resolve(answer);
    });
  });
}
