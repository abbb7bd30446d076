/**
 * Puts a payload back that a backup holds. A payload is the right to handle its message, so it must not
 * come back for one that was handled: that is refused where a record shows it.
 */

import type { Operation } from '../operation.js';
import type { BackupLine } from '../plan/backup.js';
import { withBytes } from '../plan/backup.js';
import type { ItemOutcome } from '../plan/executor.js';
import { consumptionOf } from '../token/consumed.js';
import { payloadStoreOf } from '../token/payloads.js';
import type { PayloadRecord } from '../token/sweep.js';

/** Kind of the lines that this puts back. */
export const payloadKind = 'payload';

/**
 * `already`: it is there. `skipped`: a record shows that its message was handled. Rejects with the store's
 * error; when that is `unknown`, look whether it is there before trying again.
 */
export async function restorePayload(
  operation: Operation,
  { id, record }: Pick<BackupLine, 'id' | 'record'>,
): Promise<ItemOutcome> {
  const { origin, island, store: name, body } = withBytes(record) as PayloadRecord;
  const store = payloadStoreOf(operation, island);
  if (store.name !== name) {
    return { outcome: 'skipped', rule: `it was in the store "${name}", this is "${store.name}"` };
  }
  if ((await store.get(id)) !== null) return { outcome: 'already' };
  const consumed = await consumptionOf(operation, id);
  if (consumed !== null)
    return { outcome: 'skipped', rule: `its message was handled: ${consumed}` };
  await store.put(id, body, origin);
  return { outcome: 'done', sends: 0 };
}
