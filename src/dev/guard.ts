/**
 * Ends a server whose parent is gone, also by SIGKILL: a shell that waits for the end of a pipe which
 * only the parent holds open. Small, and in a group of its own, as the server is. A process that has
 * got the server's id since is left alone, where the system tells start times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ProcessMark } from './process.js';

const script = `
while read -r _; do :; done
[ -z "$3" ] || [ "$(cut -d ' ' -f 22 "/proc/$2/stat")" = "$3" ] || exit
kill -s "$1" "$2"
`;

/** Starts the guard of a server; kill it when the server has been ended otherwise. */
export function guard({ pid, started }: ProcessMark, signal: NodeJS.Signals): ChildProcess {
  const args = ['-c', script, 'guard', signal.replace('SIG', ''), String(pid), started ?? ''];
  const child = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  (child.stdin as Socket | null)?.unref();
  return child;
}
