import { dispatch, handle, load, save } from '../effects.js';
import type { Protocol } from './protocol.js';

/** The control: no deduplication. Shows what goes wrong without a protocol. */
export const none: Protocol = {
  name: 'none',
  recognisesBy: 'nothing',
  consumes: false,
  *program(message) {
    const entity = yield* load(message);
    const outcome = yield* handle(message, entity);
    yield* save(message, entity, outcome);
    yield* dispatch(message, outcome.messages);
  },
};
