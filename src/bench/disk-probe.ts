/** How long the disk takes to make a small write durable: every durable figure hangs on it. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskProbe } from './result.js';

const samples = 200;
const blockBytes = 4096;
const quietP99Ms = 2;

/** Writes and flushes small blocks in `folder` for about a tenth of a second; leaves nothing behind. */
export function probeDisk(folder: string): DiskProbe | null {
  const path = join(folder, '.disk-probe');
  try {
    const file = openSync(path, 'w');
    const taken: number[] = [];
    const block = Buffer.alloc(blockBytes, 1);
    for (let index = 0; index < samples; index++) {
      const start = performance.now();
      writeSync(file, block, 0, blockBytes, (index % 16) * blockBytes);
      fdatasyncSync(file);
      taken.push(performance.now() - start);
    }
    closeSync(file);
    taken.sort((one, other) => one - other);
    const at = (share: number) => taken[Math.min(samples - 1, Math.floor(share * samples))] ?? 0;
    return { p50Ms: at(0.5), p99Ms: at(0.99), samples };
  } catch {
    return null;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Quiet enough to judge a latency by: p99 under 2 ms in both probes. */
export function isQuiet(...probes: readonly (DiskProbe | null)[]): boolean {
  return probes.every((probe) => probe !== null && probe.p99Ms < quietP99Ms);
}
