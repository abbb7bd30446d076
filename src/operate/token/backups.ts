/** Payloads that a sweep deleted, as the files of its backups have them. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OncectlError } from '../../engine/errors.js';
import { type BackupLine, digestOf } from '../plan/backup.js';
import { payloadKind } from '../restore/payload.js';

export interface BackedUp {
  readonly file: string;
  readonly line: BackupLine;
}

/**
 * The payloads whose ids begin with one of these, the newest of each id. `from` is a file, or a folder of
 * them; a missing one holds nothing. Errors: `format` for a line that was damaged.
 */
export async function findBackedUp(
  from: string,
  prefixes: readonly string[],
): Promise<ReadonlyMap<string, BackedUp>> {
  const found = new Map<string, BackedUp>();
  for (const file of await filesIn(from)) {
    const lines = createInterface({ input: createReadStream(file, 'utf8') });
    for await (const text of lines) {
      if (!prefixes.some((prefix) => text.includes(prefix))) continue;
      const line = parsed(file, text);
      if (line.kind !== payloadKind || !prefixes.some((prefix) => line.id.startsWith(prefix))) {
        continue;
      }
      found.set(line.id, { file, line });
    }
  }
  return found;
}

async function filesIn(from: string): Promise<readonly string[]> {
  const kind = await stat(from).catch(() => null);
  if (!kind?.isDirectory()) return kind ? [from] : [];
  const names = (await readdir(from)).filter((name) => name.endsWith('.ndjson'));
  const files = names.map((name) => join(from, name));
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return files
    .map((file, index) => ({ file, at: times[index] ?? 0 }))
    .sort((left, right) => left.at - right.at)
    .map(({ file }) => file);
}

function parsed(file: string, text: string): BackupLine {
  try {
    const line = JSON.parse(text) as BackupLine;
    if (line.sha256 === digestOf(line.record)) return line;
  } catch {
    // Told below, as what is whole and differs.
  }
  throw new OncectlError('format', 'a line of this backup was cut short or changed', {
    about: file,
    hint: 'restore from another copy of it: --from FILE',
  });
}
