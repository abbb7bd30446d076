/** Whether a message was handled with a payload, as far as records still tell. */
import type { Operation } from '../operation.js';
import { lookAround } from './look.js';

/**
 * What shows that the payload was consumed, in one clause; null when nothing does. Entries and slots tell
 * of their incoming payload; of a message that is queued or dead, its own entry, slot or record; of a
 * run, its evidence. A message that was handled and forgotten leaves nothing.
 */
export async function consumptionOf(
  operation: Operation,
  payloadId: string,
): Promise<string | null> {
  const look = await lookAround(operation);
  const holder = look.handled.get(payloadId);
  if (holder) return holder.says;
  const copy = look.copies.find(({ message }) => message.headers.payload?.id === payloadId);
  const messageId = copy?.message.id;
  if (messageId === undefined) return null;
  const commit = (await operation.journal?.commitsOf(new Set([messageId])))?.get(messageId);
  return commit ? `the journal has transaction ${commit.transaction} for ${messageId}` : null;
}
