/**
 * A process known by its id alone, since another `oncectl` may have started it. An id comes again: a
 * process is the same only if its start time is (Linux tells it in `/proc`).
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { OncectlError } from '../engine/errors.js';

const askedEveryMs = 10;
const endsWithinMs = 15_000;

export interface ProcessMark {
  readonly pid: number;
  /** Start time in clock ticks since boot; null where the system does not tell. */
  readonly started: string | null;
}

/** The mark of a process that runs now. */
export function markOf(pid: number): ProcessMark {
  return { pid, started: statOf(pid)?.started ?? null };
}

/** Whether that very process still runs; one that has ended and waits to be reaped does not. */
export function isRunning({ pid, started }: ProcessMark): boolean {
  // To a signal these mean a whole group of processes, our own among them.
  if (pid <= 0) return false;
  if (started === null) return answersSignals(pid);
  const stat = statOf(pid);
  return stat !== null && stat.started === started && stat.state !== 'Z';
}

/** Nothing happens when it is gone. */
function signal(mark: ProcessMark, name: NodeJS.Signals): void {
  if (!isRunning(mark)) return;
  try {
    process.kill(mark.pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw denied(mark.pid, error);
  }
}

/** Ends the process by a signal, and by SIGKILL if it takes long. Resolves when it is gone. */
export async function end(mark: ProcessMark, how: NodeJS.Signals): Promise<void> {
  signal(mark, how);
  if (await ends(mark, endsWithinMs)) return;
  signal(mark, 'SIGKILL');
  if (await ends(mark, endsWithinMs)) return;
  throw new OncectlError('timeout', `process ${mark.pid} does not end`, { happened: 'unknown' });
}

/** Whether the process ended within the time. */
export async function ends(mark: ProcessMark, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (isRunning(mark)) {
    if (Date.now() >= until) return false;
    await delay(askedEveryMs);
  }
  return true;
}

/** The fields of `/proc/PID/stat` behind the command's name, which may hold anything. */
function statOf(pid: number): { state: string; started: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function denied(pid: number, cause: unknown): OncectlError {
  return new OncectlError('denied', `process ${pid} belongs to another user`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
