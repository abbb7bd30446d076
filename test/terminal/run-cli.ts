/** Starts the built CLI as a user does: `bin/oncectl.js` in a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const executable = fileURLToPath(new URL('../../bin/oncectl.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** The checkout by default. */
  readonly cwd?: string;
  /** Another copy of the executable. */
  readonly executable?: string;
  /** Sent once, when stdout or stderr shows what is looked for. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly at: RegExp };
  /** The process is ended after so long; it ends by itself if left out. */
  readonly mostMs?: number;
  /** Closes the reading end of stdout before the first byte arrives. */
  readonly nobodyReads?: boolean;
}

export function runCli(args: readonly string[], options: Options = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...(options.nodeArgs ?? []), options.executable ?? executable, ...args],
      {
        cwd: options.cwd ?? root,
        env: { ...process.env, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: options.mostMs ?? 0,
        killSignal: 'SIGKILL',
      },
    );
    let stdout = '';
    let stderr = '';
    let { signal } = options;
    const look = () => {
      if (!signal?.at.test(stdout) && !signal?.at.test(stderr)) return;
      child.kill(signal.name);
      signal = undefined;
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      look();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      look();
    });
    if (options.nobodyReads === true) child.stdout.destroy();
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** What the CLI writes on a terminal of 100 columns, escape sequences included. */
export function screenOf(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { NO_COLOR: _, CI: __, ...inherited } = process.env;
  const terminal = spawnOnTerminal(process.execPath, [executable, ...args], {
    cols: 100,
    cwd: root,
    env: { ...inherited, TERM: 'xterm-256color', ...env },
  });
  return new Promise((resolve) => {
    let screen = '';
    terminal.onData((text) => {
      screen += text;
    });
    terminal.onExit(() => resolve(screen));
  });
}
