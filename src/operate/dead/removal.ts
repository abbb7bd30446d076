/**
 * Removes a dead letter for good: exported first, counted for the audit, then discarded, then its
 * payload. In this order a crash leaves a letter that is still there, or a payload that nothing names.
 */
import type { DeadLetter } from '../../engine/ports.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { ExecuteContext } from '../plan/executor.js';

/** Kind of a backup's line; `record` is a `KeptLetter`. */
export const deadLetterKind = 'dead-letter';

/** A dead letter as a backup has it. */
export interface KeptLetter {
  readonly letter: DeadLetter;
  /** Its body, where that lay in a payload store; null: it is in the message, or was gone. */
  readonly payload: Uint8Array | null;
  /** Id of the message that replaces it; null for a discard. */
  readonly editedTo: string | null;
}

/** False: it had left the dead letters. Rejects with the store's error, or when it cannot be exported. */
export async function removeLetter(
  operation: Operation,
  endpoint: OperatedEndpoint,
  letter: DeadLetter,
  editedTo: string | null,
  { backup, boundary }: Pick<ExecuteContext, 'backup' | 'boundary'>,
): Promise<boolean> {
  const { message, receipt } = letter;
  const payload = await payloadOf(endpoint, letter);
  const kept: KeptLetter = { letter, payload, editedTo };
  await backup.keep(deadLetterKind, endpoint.name, message.id, kept);
  await boundary?.('backup');
  // A message whose payload was lost before is not discarded by us: that its letter goes must not hide it.
  const counts = message.headers.payload === undefined || payload !== null;
  const told = counts && (await operation.evidence?.discarded(endpoint.name, message.id));
  await boundary?.('count');
  const isGone = await endpoint.upkeep.broker.discard(endpoint.name, receipt);
  await boundary?.('discard');
  if (isGone) await removePayload(endpoint, message.headers.payload);
  else if (told) await operation.evidence?.restored(endpoint.name, message.id);
  return isGone;
}

/** What a letter's message names, in this store; removing what is gone is no error. */
export async function removePayload(
  { ports }: OperatedEndpoint,
  payload: DeadLetter['message']['headers']['payload'],
): Promise<void> {
  if (payload && payload.store === ports.payload.name) await ports.payload.delete(payload.id);
}

/** The body where it lies in this endpoint's payload store; null: elsewhere, or gone. */
export async function payloadOf(
  { ports }: OperatedEndpoint,
  { message }: Pick<DeadLetter, 'message'>,
): Promise<Uint8Array | null> {
  const { payload } = message.headers;
  if (!payload || payload.store !== ports.payload.name) return null;
  return ports.payload.get(payload.id);
}
