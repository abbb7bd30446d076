/** Payloads that a sweep deleted, as the files of its backups have them. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupLine } from '../plan/backup.js';
import { backupLines } from '../restore/backup-file.js';
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
    for await (const { line } of backupLines(file)) {
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
