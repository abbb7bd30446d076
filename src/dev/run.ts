/** Runs a program to its end. */
import { type SpawnOptions, spawn } from 'node:child_process';

export interface RunOutcome {
  /** Null when the program could not be started, or died of a signal. */
  readonly code: number | null;
  readonly stdout: string;
  /** What it said on stderr, or why it could not be started. */
  readonly stderr: string;
}

/** Never rejects: the outcome tells. */
export function run(
  file: string,
  args: readonly string[],
  options: SpawnOptions = {},
  input = '',
): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    child.on('error', ({ message }) => resolve({ code: null, stdout: '', stderr: message }));
    child.on('close', (code) => resolve({ code, ...said }));
    // A program that ends without reading is no error of ours.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
