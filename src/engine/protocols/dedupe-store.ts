import { addRecord, commit, dispatch, handle, hasRecord, load, removeEntry } from '../effects.js';
import type { Protocol } from './protocol.js';

/**
 * Entry beside the entity, dedupe record elsewhere. From the commit on, the id is in at least one of
 * the two. The check comes after the load, so that the commit's condition covers the decision; a
 * duplicate removes the entry by its key, seen or not (design, section 3, has both traces).
 */
export const dedupeStore: Protocol = {
  name: 'dedupe-store',
  recognisesBy: 'id',
  consumes: false,
  *program(message) {
    const entity = yield* load(message);
    if (yield* hasRecord(message)) {
      yield* removeEntry(message);
      return;
    }
    const entry = entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
    yield* dispatch(message, entry.messages);
    yield* addRecord(message);
    yield* removeEntry(message);
  },
};
