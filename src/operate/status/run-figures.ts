/** What a run that is going on last told of itself: the last line of its `intervals.ndjson`. */
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Operation } from '../operation.js';

export interface RunFigures {
  /** Over all endpoints, in the last second. */
  readonly handledPerSecond: number;
  /** Hop p99 of the last second, microseconds; null when nothing was handled. */
  readonly hopP99: number | null;
}

/** No line is longer. */
const tailBytes = 64 * 1024;

/** null: the deployment is of no run, or of one that is over or has not begun. */
export async function runFigures({
  evidenceFolder,
  isGone,
}: Pick<Operation, 'evidenceFolder' | 'isGone'>): Promise<RunFigures | null> {
  if (evidenceFolder === null || isGone(null)) return null;
  const tail = await tailOf(join(dirname(evidenceFolder), 'intervals.ndjson'));
  const line = tail.split('\n').at(-2);
  if (line === undefined) return null;
  try {
    const { handledPerSecond, intervalHopP99 } = JSON.parse(line) as {
      readonly handledPerSecond: number;
      readonly intervalHopP99: number | null;
    };
    return { handledPerSecond, hopP99: intervalHopP99 };
  } catch {
    return null;
  }
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
}
