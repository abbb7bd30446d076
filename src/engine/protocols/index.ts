/** All protocols by name, and the whole delivery of a message by one of them. */
import { ack, deletePayload, type Program } from '../effects.js';
import type { Message } from '../message.js';
import { dedupeStore } from './dedupe-store.js';
import { localTransaction } from './local-transaction.js';
import type { ProtocolName } from './names.js';
import { none } from './none.js';
import { outbox } from './outbox.js';
import type { Protocol } from './protocol.js';
import { registerCommitPublish } from './register-commit-publish.js';
import { token } from './token.js';

export { bridge } from './bridge.js';
export type { Protocol } from './protocol.js';
export { type RepairedEntry, remainingSteps, repairedMessage, repairing } from './repair.js';

export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  none,
  'local-transaction': localTransaction,
  outbox,
  'dedupe-store': dedupeStore,
  token,
  'register-commit-publish': registerCommitPublish,
};

/**
 * A delivery: the protocol's program, then the acknowledgement. A body that came by way of a payload
 * store to a consumer that recognises by id is deleted right before the ack, on every path.
 */
export function* deliver(protocol: Protocol, message: Message): Program {
  yield* protocol.program(message);
  if (message.headers.payload && protocol.recognisesBy !== 'token') yield* deletePayload(message);
  if (!protocol.consumes) yield* ack(message);
}
