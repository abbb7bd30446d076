import { handle, load, transact } from '../effects.js';
import type { Protocol } from './protocol.js';

/**
 * Queue and data in one database: one transaction takes the message, saves the state and inserts the
 * outgoing rows. Exactly once needs nothing else, until a message leaves the database.
 */
export const localTransaction: Protocol = {
  name: 'local-transaction',
  recognisesBy: 'transaction',
  consumes: true,
  *program(message) {
    const entity = yield* load(message);
    const outcome = yield* handle(message, entity);
    yield* transact(message, entity, outcome);
  },
};
