/**
 * A lock between processes of this checkout: a file that holds the owner's pid, linked into place so
 * that it is never seen half written, and touched while it is held. Stale when its owner is gone or
 * stopped touching it.
 */
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const touchedEveryMs = 2_000;
const staleAfterMs = 20_000;
const askedEveryMs = 100;

/** Runs `work` while holding the lock at `path`; `onWait(pid)` is called once when somebody has it. */
export async function withLock(path, work, onWait) {
  await take(path, onWait);
  const touching = setInterval(() => utimesSync(path, new Date(), new Date()), touchedEveryMs);
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    process.off('exit', release);
    release();
  }
}

async function take(path, onWait) {
  let told = false;
  while (!linkOwn(path)) {
    const owner = ownerOf(path);
    if (owner !== undefined && isStale(path, owner)) removeStale(path, owner);
    else if (owner !== undefined && !told) {
      told = true;
      onWait(owner);
    }
    await delay(askedEveryMs);
  }
}

function linkOwn(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isStale(path, owner) {
  if (!isAlive(owner)) return true;
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > staleAfterMs;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Moves the lock aside before removing it: somebody may have replaced the stale one meanwhile. */
function removeStale(path, owner) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (ownerOf(aside) !== owner) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
