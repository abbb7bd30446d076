/**
 * Ends a server whose parent is gone, also by SIGKILL: a shell that waits for the end of a pipe which
 * only the parent holds open. Small, and in a group of its own, as the server is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessMark } from './process.js';
import type { ServerPlan } from './server.js';

export function guard({ pid }: ProcessMark, { orphanSignal }: ServerPlan): ChildProcess {
  const script = 'while read -r _; do :; done; kill -s "$1" "$2"';
  const args = ['-c', script, 'guard', orphanSignal.replace('SIG', ''), String(pid)];
  const child = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  if (child.stdin && 'unref' in child.stdin) (child.stdin as { unref(): void }).unref();
  return child;
}
