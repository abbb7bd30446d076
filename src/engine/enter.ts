/** How a message from outside enters a deployment, so that a sender's retry makes no second one. */
import type { Message } from './message.js';
import type { Ports } from './ports.js';
import type { Protocol } from './protocols/index.js';

/**
 * Sends `message` the way its receiver's protocol needs it (design, section 5): with a token, the
 * payload is put first under an id never used before; into an island, through the entry record;
 * otherwise as it is. Repeat it with the same message id until it resolves.
 */
export async function enter(
  ports: Ports,
  protocol: Protocol,
  message: Message,
  newId: () => string,
): Promise<void> {
  if (protocol.recognisesBy === 'transaction' && ports.island) {
    await ports.island.enter([message]);
    return;
  }
  if (protocol.recognisesBy !== 'token') {
    await ports.broker.send([message]);
    return;
  }
  const id = newId();
  const origin = { endpoint: '', messageId: message.id, attempt: id };
  await ports.payload.put(id, message.body, origin);
  const headers = { ...message.headers, payload: { id, store: ports.payload.name } };
  await ports.broker.send([{ ...message, body: new Uint8Array(0), headers }]);
}
