import {
  commit,
  deletePayload,
  dispatch,
  getPayload,
  handle,
  load,
  markChecked,
  putPayloads,
  removeEntry,
  reportLost,
} from '../effects.js';
import type { Protocol } from './protocol.js';

/**
 * The claim check, inverted: the presence of a message's payload is the right to handle it. Every
 * attempt puts fresh payloads, one of them wins by `mark-checked`, and only what the winner names is
 * dispatched. Storage grows with the messages in flight and with nothing else.
 */
export const token: Protocol = {
  name: 'token',
  recognisesBy: 'token',
  consumes: false,
  *program(message) {
    const entity = yield* load(message);
    const body = yield* getPayload(message);
    const unfinished = entity.entry?.step === 'committed';
    if (body === null && !unfinished) {
      yield* removeEntry(message, 'checked');
      return;
    }
    // Committed and not yet checked: nobody can have consumed the payload. It was lost.
    if (body === null) yield* reportLost(message);
    let entry =
      entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity, body)));
    if (entry.step === 'committed') {
      const payloads = yield* putPayloads(message, entry.messages);
      entry = yield* markChecked(message, entry, payloads);
    }
    yield* dispatch(message, entry.messages, entry.payloads ?? {});
    yield* deletePayload(message);
    yield* removeEntry(message, 'checked');
  },
};
