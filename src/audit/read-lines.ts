/** Evidence files, streamed in bounded memory. A last line without its newline does not count. */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { MalformedLine } from './lines.js';

/** Whole lines of one read; `first` is the number of the first, counted from 1. */
export interface LineBatch {
  readonly first: number;
  readonly lines: readonly string[];
  /** The same, in one piece. */
  readonly text: string;
  /** Bytes of the file that they took. */
  readonly bytes: number;
}

const newline = 10;

/**
 * The file's whole lines, in batches of about `chunkBytes`. The strings of a batch may share memory:
 * copy (see `ownCopy`) what outlives it.
 */
export async function* lineBatches(
  path: string,
  chunkBytes = 1 << 20,
): AsyncGenerator<LineBatch, void, undefined> {
  const file = await open(path, 'r');
  try {
    yield* batchesOf(file, chunkBytes);
  } finally {
    await file.close();
  }
}

async function* batchesOf(file: FileHandle, chunkBytes: number): AsyncGenerator<LineBatch> {
  let buffer = Buffer.allocUnsafe(chunkBytes);
  let kept = 0;
  let first = 1;
  for (;;) {
    if (kept === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, null);
    if (bytesRead === 0) return;
    const filled = kept + bytesRead;
    const end = buffer.subarray(0, filled).lastIndexOf(newline);
    if (end >= 0) {
      const text = buffer.toString('utf8', 0, end);
      const lines = text.split('\n');
      yield { first, lines, text, bytes: end + 1 };
      first += lines.length;
    }
    buffer.copy(buffer, 0, end + 1, filled);
    kept = filled - (end + 1);
  }
}

/**
 * Calls `visit` with every record of a file and its line number. Rejects with a `format` error that
 * names file and line when `parse` refuses one. `onBytes` hears after each batch how much was read.
 */
export async function forEachRecord<T>(
  path: string,
  parse: (line: string) => T,
  visit: (record: T, line: number) => void,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  for await (const { first, lines, bytes } of lineBatches(path)) {
    let number = first;
    for (const line of lines) {
      visit(parsed(path, number, line, parse), number);
      number += 1;
    }
    onBytes(bytes);
  }
}

function parsed<T>(path: string, number: number, line: string, parse: (line: string) => T): T {
  try {
    return parse(line);
  } catch (thrown) {
    if (!(thrown instanceof MalformedLine)) throw thrown;
    const about = `${basename(path)}:${number}`;
    throw new OncectlError('format', `evidence that cannot be read: ${about}: ${thrown.message}`, {
      about,
      hint: 'the file was edited or damaged; without it this run cannot be audited',
      cause: thrown,
    });
  }
}

/** Paths of a folder's files of one kind (`entered-`, `commits-`, ...), in order of name. */
export async function filesOf(folder: string, prefix: string): Promise<string[]> {
  const names = await readdir(folder);
  const mine = names.filter((name) => name.startsWith(prefix) && name.endsWith('.tsv'));
  return mine.sort().map((name) => join(folder, name));
}

/** A copy that does not keep the text it was cut from alive. */
export function ownCopy(text: string): string {
  return Buffer.from(text).toString();
}
