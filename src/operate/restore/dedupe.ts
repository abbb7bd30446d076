/** Puts a dedupe record back that a backup holds. */
import type { DedupeRecord } from '../../engine/ports.js';
import { exactRecord } from '../dedupe/records.js';
import type { Operation } from '../operation.js';
import type { BackupLine } from '../plan/backup.js';
import type { ItemOutcome } from '../plan/executor.js';

/** Kind of the lines that this puts back. */
export const dedupeKind = 'dedupe-record';

/**
 * `already`: a record of that message is there, this or a newer one. A record that has expired meanwhile
 * is put back as it was: it is up to the store for how long it stays.
 */
export async function restoreRecord(
  operation: Operation,
  { endpoint: name, id, record }: Pick<BackupLine, 'endpoint' | 'id' | 'record'>,
): Promise<ItemOutcome> {
  const endpoint = operation.endpoint(name);
  if (await exactRecord(endpoint, id)) return { outcome: 'already' };
  await endpoint.ports.dedupe.add(name, id, record as DedupeRecord);
  return { outcome: 'done', sends: 0 };
}
