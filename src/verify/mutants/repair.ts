/** Wrong ways for an operator to finish what is left; the protocols themselves are right. */
import {
  addRecord,
  clearSlot,
  commit,
  deleteLosers,
  deletePayload,
  dispatch,
  getPayload,
  handle,
  hasRecord,
  load,
  markChecked,
  markDispatched,
  putPayloads,
  removeEntry,
} from '../../engine/effects.js';
import type { Mutant } from './mutant.js';

/** One copy, so that what is applied twice is the repair's doing. */
const alone = { copies: 1, unknowns: 0, repairs: 1 } as const;

export const repairMutants: readonly Mutant[] = [
  {
    name: 'repair-handles-again',
    of: 'outbox',
    change: 'repair runs the business logic once more, although the entry has its outcome',
    repair: 'Repair sends what the entry says: the outcome was decided by the commit',
    breaks: 'I2',
    bounds: { ...alone, crashes: 0 },
    *repairing(_protocol, message) {
      const entity = yield* load(message);
      const entry = yield* commit(message, entity, yield* handle(message, entity));
      yield* dispatch(message, entry.messages);
      yield* markDispatched(message);
    },
  },
  {
    name: 'repair-handles-the-forgotten',
    of: 'dedupe-store',
    change: 'repair runs the whole program, and handles where it finds neither entry nor record',
    repair:
      'Repair ends where it would handle: the entry that it was begun on is proof that the message was applied, also when its record has expired',
    breaks: 'I2',
    stores: { dedupe: 'expiry' },
    bounds: { ...alone, crashes: 0 },
    repairing: (protocol, message) => protocol.program(message),
  },
  {
    name: 'repair-removes-before-record',
    of: 'dedupe-store',
    change: 'repair removes the entry before the dedupe record is added',
    repair: 'Repair takes the steps of the protocol in their order: the record, then the entry',
    breaks: 'I2',
    bounds: alone,
    *repairing(_protocol, message) {
      const { entry } = yield* load(message);
      if (yield* hasRecord(message)) {
        yield* removeEntry(message);
        return;
      }
      if (entry === null) return;
      yield* dispatch(message, entry.messages);
      yield* removeEntry(message);
      yield* addRecord(message);
    },
  },
  {
    name: 'repair-dispatch-unchecked',
    of: 'token',
    change: 'repair dispatches with payloads of its own, without having them checked first',
    repair:
      'Repair is one attempt among others: one wins by a conditional write, and only what it names is dispatched',
    breaks: 'I2',
    bounds: { ...alone, crashes: 0 },
    *repairing(_protocol, message) {
      const { entry } = yield* load(message);
      if (entry === null) return;
      const payloads = yield* putPayloads(message, entry.messages);
      yield* dispatch(message, entry.messages, payloads);
      yield* deletePayload(message);
      yield* removeEntry(message);
    },
  },
  {
    name: 'repair-consumes-without-entry',
    of: 'token',
    change: 'repair deletes the incoming payload although it found no entry',
    repair:
      'No entry, no write: the load may have been stale, and the token is what brings the message back',
    breaks: 'I1',
    stores: { business: 'stale' },
    bounds: alone,
    *repairing(_protocol, message) {
      let { entry } = yield* load(message);
      const body = yield* getPayload(message);
      if (entry?.step === 'committed') {
        const payloads = yield* putPayloads(message, entry.messages);
        entry = yield* markChecked(message, entry, payloads);
      }
      if (entry !== null && body !== null) {
        yield* dispatch(message, entry.messages, entry.payloads ?? {});
      }
      yield* deletePayload(message);
      yield* removeEntry(message, 'checked');
    },
  },
  {
    name: 'repair-clears-before-publish',
    of: 'register-commit-publish',
    change: 'repair clears the slot before it publishes what the slot says',
    repair: 'The slot is cleared last: until then it is what tells others to finish it',
    breaks: 'I2',
    bounds: { ...alone, attempts: 2 },
    *repairing(_protocol, message) {
      const entity = yield* load(message);
      const { slot } = entity;
      if (slot === null) return;
      yield* clearSlot(message, entity);
      yield* dispatch(message, slot.messages, slot.payloads);
      yield* deleteLosers(message, entity, slot);
      if (slot.token !== null) yield* deletePayload(message, slot.token);
    },
  },
];
