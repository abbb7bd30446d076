/** Reads files of backups, line by line, and believes none that was damaged. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { OncectlError } from '../../engine/errors.js';
import { type BackupLine, digestOf } from '../plan/backup.js';

/** A line and where it lies in its file, in bytes. */
export interface LineInFile {
  readonly line: BackupLine;
  readonly offset: number;
  readonly length: number;
}

const lineEnd = 0x0a;

/**
 * All lines of the file, each checked against its own digest. Errors: `not-found`; `format`, naming the
 * line, for what is no backup, was cut short or was changed.
 */
export async function* backupLines(file: string): AsyncIterable<LineInFile> {
  let number = 0;
  let offset = 0;
  for await (const bytes of linesOf(file)) {
    number++;
    yield { line: parsed(bytes, `${file}:${number}`), offset, length: bytes.length };
    offset += bytes.length;
  }
}

/** The line that lies there. Errors: as with `backupLines`. */
export async function backupLineAt(
  file: string,
  { offset, length }: Pick<LineInFile, 'offset' | 'length'>,
): Promise<BackupLine> {
  const handle = await open(file).catch((cause: unknown) => {
    throw missing(file, cause);
  });
  try {
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, offset);
    return parsed(bytes, `${file}, at byte ${offset}`);
  } finally {
    await handle.close();
  }
}

/** With their ends; what follows the last one comes as it is. */
async function* linesOf(file: string): AsyncIterable<Buffer> {
  let rest: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let to = chunk.indexOf(lineEnd); to >= 0; to = chunk.indexOf(lineEnd, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, to + 1)]);
        rest = [];
        from = to + 1;
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    }
  } catch (cause) {
    if (cause instanceof OncectlError) throw cause;
    throw missing(file, cause);
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

function parsed(bytes: Buffer, about: string): BackupLine {
  const line = asLine(bytes);
  if (line === null || line.schema !== 'oncectl/backup/v1') {
    throw new OncectlError('format', 'this is no line of a backup, or it was cut short', {
      about,
      hint: 'restore from another copy of the file; nothing was put back',
    });
  }
  if (digestOf(line.record) === line.sha256) return line;
  throw new OncectlError('format', 'this line of the backup was changed after it was written', {
    about,
    hint: 'restore from another copy of the file; nothing was put back',
  });
}

function asLine(bytes: Buffer): BackupLine | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as BackupLine | null;
  } catch {
    return null;
  }
}

function missing(file: string, cause: unknown): OncectlError {
  return new OncectlError('not-found', 'this backup cannot be read', {
    about: file,
    hint: 'a backup lies where the command ran that made it (--backup DIR): copy it to here',
    cause,
  });
}
