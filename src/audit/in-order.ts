/** A bucket's lines in the order of their text, however large the bucket: sorted runs, merged. */
import { writeFile } from 'node:fs/promises';
import { lineBatches } from './read-lines.js';

const mergedAtOnce = 4096;

/**
 * The lines of a file in order, some at a time. Holds at most `runBytes` of them in memory, and 64 KiB
 * for every such run of the file; writes its runs beside the file, whose folder is the caller's.
 */
export async function* linesInOrder(
  path: string,
  runBytes: number,
): AsyncGenerator<readonly string[], void, undefined> {
  let run: string[] = [];
  let bytes = 0;
  const runs: string[] = [];
  for await (const batch of lineBatches(path)) {
    for (const line of batch.lines) run.push(line);
    bytes += batch.bytes;
    if (bytes < runBytes) continue;
    runs.push(await saved(`${path}-run${runs.length}`, run.sort()));
    run = [];
    bytes = 0;
  }
  run.sort();
  if (runs.length === 0) yield run;
  else yield* merged([...runs, await saved(`${path}-run${runs.length}`, run)]);
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

async function* merged(paths: readonly string[]): AsyncGenerator<readonly string[]> {
  const cursors: Cursor[] = [];
  for (const path of paths) {
    const cursor = { rest: lineBatches(path, 1 << 16), lines: [], index: 0 };
    if (await refilled(cursor)) cursors.push(cursor);
  }
  let lines: string[] = [];
  while (cursors.length > 0) {
    const cursor = leastOf(cursors);
    lines.push(lineAt(cursor));
    cursor.index += 1;
    if (cursor.index === cursor.lines.length && !(await refilled(cursor))) {
      cursors.splice(cursors.indexOf(cursor), 1);
    }
    if (lines.length < mergedAtOnce) continue;
    yield lines;
    lines = [];
  }
  yield lines;
}

async function refilled(cursor: Cursor): Promise<boolean> {
  const { value } = await cursor.rest.next();
  cursor.lines = value?.lines ?? [];
  cursor.index = 0;
  return cursor.lines.length > 0;
}

function lineAt(cursor: Cursor): string {
  return cursor.lines[cursor.index] ?? '';
}

/** Runs are few (one but for an entity that took most of the load), so a scan will do. */
function leastOf(cursors: readonly Cursor[]): Cursor {
  return cursors.reduce((least, cursor) => (lineAt(cursor) < lineAt(least) ? cursor : least));
}
