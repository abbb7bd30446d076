import { commit, dispatch, handle, load, markDispatched } from '../effects.js';
import type { Protocol } from './protocol.js';

/**
 * State and outgoing messages in one commit; the entry stays, marked dispatched, and is what a
 * duplicate is recognised by for as long as it is kept.
 */
export const outbox: Protocol = {
  name: 'outbox',
  recognisesBy: 'id',
  consumes: false,
  *program(message) {
    const entity = yield* load(message);
    if (entity.entry?.step === 'dispatched') return;
    const entry = entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
    yield* dispatch(message, entry.messages);
    yield* markDispatched(message);
  },
};
