/** A bucket's lines in order, however large the bucket: sorted runs on disk, merged. */
import { writeFile } from 'node:fs/promises';
import { lineBatches } from './read-lines.js';

export type Compare = (one: string, other: string) => number;

/**
 * The lines of a file in order. Holds at most `runBytes` of them in memory, and 64 KiB for every such
 * run of the file; writes its runs beside the file, whose folder is the caller's to remove.
 */
export async function* linesInOrder(
  path: string,
  compare: Compare,
  runBytes: number,
): AsyncGenerator<string, void, undefined> {
  let run: string[] = [];
  let bytes = 0;
  const runs: string[] = [];
  for await (const batch of lineBatches(path)) {
    for (const line of batch.lines) run.push(line);
    bytes += batch.bytes;
    if (bytes < runBytes) continue;
    runs.push(await saved(`${path}-run${runs.length}`, run.sort(compare)));
    run = [];
    bytes = 0;
  }
  run.sort(compare);
  if (runs.length === 0) yield* run;
  else yield* merged([...runs, await saved(`${path}-run${runs.length}`, run)], compare);
}

async function saved(path: string, lines: readonly string[]): Promise<string> {
  await writeFile(path, lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  return path;
}

interface Cursor {
  readonly rest: AsyncGenerator<{ readonly lines: readonly string[] }>;
  lines: readonly string[];
  index: number;
}

async function* merged(paths: readonly string[], compare: Compare): AsyncGenerator<string> {
  const cursors: Cursor[] = [];
  for (const path of paths) {
    const cursor = { rest: lineBatches(path, 1 << 16), lines: [], index: 0 };
    if (await refilled(cursor)) cursors.push(cursor);
  }
  while (cursors.length > 0) {
    const least = leastOf(cursors, compare);
    const cursor = cursors[least];
    const line = cursor?.lines[cursor.index];
    if (cursor === undefined || line === undefined) return;
    yield line;
    cursor.index += 1;
    if (cursor.index === cursor.lines.length && !(await refilled(cursor))) cursors.splice(least, 1);
  }
}

async function refilled(cursor: Cursor): Promise<boolean> {
  const { value } = await cursor.rest.next();
  cursor.lines = value?.lines ?? [];
  cursor.index = 0;
  return cursor.lines.length > 0;
}

/** Runs are few (one but for an entity that took most of the load), so a scan will do. */
function leastOf(cursors: readonly Cursor[], compare: Compare): number {
  let least = 0;
  let leastLine: string | undefined;
  for (const [index, cursor] of cursors.entries()) {
    const line = cursor.lines[cursor.index];
    if (line === undefined) continue;
    if (leastLine !== undefined && compare(line, leastLine) >= 0) continue;
    least = index;
    leastLine = line;
  }
  return least;
}
