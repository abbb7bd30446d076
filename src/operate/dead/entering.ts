/**
 * Brings a message in for an operator, so that it may be repeated after a crash at any point: its id is
 * fixed before; a payload id is recorded before its put and never put again (R6); what names a payload
 * is sent only once that payload is recorded as the one.
 */
import { asOncectlError } from '../../engine/errors.js';
import { IdSource } from '../../engine/ids.js';
import type { Message } from '../../engine/message.js';
import type { OperatedEndpoint } from '../operation.js';

const putsAtMost = 3;
const ids = new IdSource();

/** Whether the message's body goes by way of the payload store: as its protocol, or its sender, wants. */
export function goesByPayload(
  { protocol }: OperatedEndpoint,
  { headers }: Pick<Message, 'headers'>,
): boolean {
  return protocol.recognisesBy === 'token' || headers.payload !== undefined;
}

/**
 * Puts the body under a fresh id, recorded first; a put whose outcome is unknown is left behind for
 * another id. Resolves with the id that was put; null when `record` says that somebody else took over.
 */
export async function putBody(
  { ports }: OperatedEndpoint,
  { id: messageId, body }: Pick<Message, 'id' | 'body'>,
  record: (payload: string) => Promise<boolean>,
): Promise<string | null> {
  for (let puts = 1; ; puts++) {
    const id = ids.next();
    if (!(await record(id))) return null;
    try {
      await ports.payload.put(id, body, { endpoint: '', messageId, attempt: id });
      return id;
    } catch (error) {
      if (asOncectlError(error).happened === 'no' || puts >= putsAtMost) throw error;
    }
  }
}

/** Sends it the way its receiver's protocol needs it; may be repeated with the same id and payload. */
export async function sendIn(
  { ports, protocol }: OperatedEndpoint,
  message: Message,
  payload: string | null,
): Promise<void> {
  const { payload: _, ...headers } = message.headers;
  const stamped = { ...headers, sentAt: Date.now() };
  if (payload !== null) {
    const reference = { id: payload, store: ports.payload.name };
    const named = {
      ...message,
      body: new Uint8Array(0),
      headers: { ...stamped, payload: reference },
    };
    return ports.broker.send([named]);
  }
  const plain = { ...message, headers: stamped };
  if (protocol.recognisesBy === 'transaction' && ports.island) return ports.island.enter([plain]);
  return ports.broker.send([plain]);
}
