/** Wrong variants of `register-commit-publish`. */
import {
  clearSlot,
  commitSlot,
  deleteLosers,
  deletePayload,
  dispatch,
  getPayload,
  handle,
  load,
  type Program,
  putPayloads,
  register,
  reload,
} from '../../engine/effects.js';
import type { Message } from '../../engine/message.js';
import type { Entity, Slot } from '../../engine/ports.js';
import type { Mutant } from './mutant.js';

const ofOneEntity = ['A', 'B'].map((id) => ({ id, endpoint: 'orders', key: 'k', body: id }));

export const registerCommitPublishMutants: readonly Mutant[] = [
  {
    name: 'blind-clear',
    of: 'register-commit-publish',
    change: 'the slot is cleared whatever it holds',
    repair: 'The slot is cleared on the version that was read',
    breaks: 'I2',
    wrongs: { blindClear: true },
    entered: ofOneEntity,
    bounds: { copies: 1, unknowns: 0, attempts: 2 },
  },
  {
    name: 'finished-credited-to-the-wrong-message',
    of: 'register-commit-publish',
    change: 'whoever finishes a transaction takes its own message for handled',
    repair: 'Whoever finishes a transaction that is not its own starts again with its own message',
    breaks: 'I1',
    entered: ofOneEntity,
    bounds: { copies: 1, unknowns: 0, attempts: 2 },
    *program(message) {
      const entity = yield* load(message);
      if (entity.slot) {
        yield* publish(message, entity, entity.slot);
        return;
      }
      const body = yield* getPayload(message);
      if (body === null) {
        const now = yield* reload(message);
        if (now.slot) yield* publish(message, now, now.slot);
        return;
      }
      const outcome = yield* handle(message, entity, body);
      const registered = yield* register(message, entity, outcome);
      yield* putPayloads(message, outcome.messages, registered.payloads);
      const done = yield* commitSlot(message, entity, outcome, registered);
      if (done.slot) yield* publish(message, done, done.slot);
    },
  },
];

function* publish(message: Message, entity: Entity, slot: Slot): Program {
  yield* dispatch(message, slot.messages, slot.payloads);
  yield* deleteLosers(message, entity, slot);
  if (slot.token !== null) yield* deletePayload(message, slot.token);
  yield* clearSlot(message, entity);
}
