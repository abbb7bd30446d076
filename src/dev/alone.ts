/** One `oncectl dev` at a time in a folder. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, markOf, type ProcessMark } from './process.js';

const askedEveryMs = 50;

/** Runs `work` while holding a lock file; one whose owner is gone is passed over. */
export async function alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!take(lock)) {
    const owner = ownerOf(lock);
    if (owner && !isRunning(owner)) passOver(lock, owner);
    else await delay(askedEveryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    writeFileSync(lock, JSON.stringify(markOf(process.pid)), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock aside before removing it: somebody may have replaced the stale one meanwhile. */
function passOver(lock: string, owner: ProcessMark): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (ownerOf(aside)?.pid !== owner.pid) linkSync(aside, lock);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Null while it is being written, or gone. */
function ownerOf(lock: string): ProcessMark | null {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessMark;
  } catch {
    return null;
  }
}
