/** Applies a plan in a process that kills itself between two steps of an item. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./killed-repair.mjs', import.meta.url));

/** Resolves with the signal that ended it; null when no item came past the step. */
export function killedBehind(
  ...args: readonly [runFolder: string, plan: string, step: string]
): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += String(text);
    });
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(signal);
      else reject(new Error(said));
    });
  });
}
