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
} from '../effects.js';
import type { Message } from '../message.js';
import type { Entity, Slot } from '../ports.js';
import type { Protocol } from './protocol.js';

/**
 * Tokens without garbage: an attempt registers the payloads it is about to put, so that whoever
 * publishes the transaction can delete those of the attempts that lost. One unfinished transaction
 * per entity, in its slot; whoever finds one finishes it first.
 */
export const registerCommitPublish: Protocol = {
  name: 'register-commit-publish',
  recognisesBy: 'token',
  consumes: false,
  *program(message) {
    let entity = yield* load(message);
    while (entity.slot) {
      const { messageId } = entity.slot;
      yield* publish(message, entity, entity.slot);
      if (messageId === message.id) return;
      entity = yield* load(message);
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
    const committed = yield* commitSlot(message, entity, outcome, registered);
    if (committed.slot) yield* publish(message, committed, committed.slot);
  },
};

/** Publishes what the slot says, whoever's message it is; the token deleted is the slot's. */
function* publish(message: Message, entity: Entity, slot: Slot): Program {
  yield* dispatch(message, slot.messages, slot.payloads);
  yield* deleteLosers(message, entity, slot);
  if (slot.token !== null) yield* deletePayload(message, slot.token);
  yield* clearSlot(message, entity);
}
