/** The bare library: the writes of a message, in the engine's own batches, and nothing else. */
import { fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('ceiling-process.mjs', import.meta.url));
/**
 * Messages a second of all processes together. They open one after the other, before any of them writes:
 * LMDB rolls back a commit that falls into another process's opening.
 */
export async function measureCeiling({ folder, workers, ...order }) {
  const own = join(folder, 'bare');
  mkdirSync(own);
  const handles = [];
  for (let index = 0; index < workers; index++) {
    const handle = fork(child, [], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
    handle.send({ ...order, folder: own, index });
    await answerOf(handle);
    handles.push(handle);
  }
  const answers = handles.map(answerOf);
  for (const handle of handles) handle.send('go');
  const all = await Promise.all(answers);
  rmSync(own, { recursive: true, force: true });
  return all.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

function answerOf(handle) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`the bare library's process ended with ${code}`));
    handle.once('exit', ended);
    handle.once('message', (answer) => {
      handle.removeListener('exit', ended);
      resolve(answer);
    });
  });
}
