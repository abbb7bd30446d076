/** A delete for which somebody else may have been first. */
import { OncectlError } from '../../../engine/errors.js';
import { ConditionFailed } from './session.js';
import type { Table } from './table.js';
import type { Update } from './update.js';

/**
 * False when the item is not what the condition says, or gone. Rejects as `unknown` when it is gone, and
 * may have gone by our own hand: the SDK repeats a request whose answer was lost.
 */
export async function removedUnlessChanged(
  table: Table,
  key: string,
  condition: Update,
): Promise<boolean> {
  try {
    await table.remove(key, condition);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const present = error.present ?? (error.isSure ? null : await table.read(key));
    if (error.isSure || present !== null) return false;
    throw new OncectlError('timeout', 'the answer to a delete was lost; the item is gone', {
      about: key,
      happened: 'unknown',
      cause: error,
    });
  }
}
