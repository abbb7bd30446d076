/** One entry or slot, whole. */
import { OncectlError } from '../../engine/errors.js';
import type { Entry, Slot } from '../../engine/ports.js';
import { findMessage } from '../inspect/find.js';
import { gather } from '../inspect/gather.js';
import type { Operation } from '../operation.js';

export interface ShownEntry {
  readonly endpoint: string;
  readonly key: string;
  readonly kept: Entry | Slot;
  readonly step: Entry['step'] | 'slot';
}

/** Reads only. Errors: `not-found` for a message that has none (any more), `ambiguous`, the stores'. */
export async function entryOf(operation: Operation, wanted: string): Promise<ShownEntry> {
  const facts = await gather(operation, await findMessage(operation, wanted, false));
  const { endpoint, key, entry, slot, messageId } = facts;
  const kept = entry ?? slot;
  if (kept && key !== null) return { endpoint, key, kept, step: entry?.step ?? 'slot' };
  throw new OncectlError('not-found', `message ${messageId} has no entry and no slot`, {
    about: messageId,
    hint: `oncectl inspect ${messageId} tells where it is`,
  });
}
