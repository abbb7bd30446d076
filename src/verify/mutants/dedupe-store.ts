/** Wrong variants of `dedupe-store`. */
import {
  addRecord,
  commit,
  dispatch,
  handle,
  hasRecord,
  load,
  removeEntry,
} from '../../engine/effects.js';
import type { Mutant } from './mutant.js';

export const dedupeStoreMutants: readonly Mutant[] = [
  {
    name: 'check-before-load',
    of: 'dedupe-store',
    change: 'the dedupe record is checked before the entity is loaded, as on the published slides',
    repair:
      'The check comes after the load, so that the condition of the commit covers the decision',
    breaks: 'I2',
    *program(message) {
      const isDuplicate = yield* hasRecord(message);
      const entity = yield* load(message);
      if (isDuplicate) {
        yield* removeEntry(message);
        return;
      }
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* dispatch(message, entry.messages);
      yield* addRecord(message);
      yield* removeEntry(message);
    },
  },
  {
    name: 'remove-before-add',
    of: 'dedupe-store',
    change: 'the entry is removed before the dedupe record is added',
    repair:
      'From the commit on the id is in at least one store: add the record, then remove the entry',
    breaks: 'I2',
    *program(message) {
      const entity = yield* load(message);
      if (yield* hasRecord(message)) {
        yield* removeEntry(message);
        return;
      }
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* dispatch(message, entry.messages);
      yield* removeEntry(message);
      yield* addRecord(message);
    },
  },
  {
    name: 'duplicate-leaves-entry',
    of: 'dedupe-store',
    change: 'a duplicate is dropped without removing the entry that a crash left behind',
    repair: 'The duplicate branch removes the entry too: a crash behind the record leaves it',
    breaks: 'I6',
    *program(message) {
      const entity = yield* load(message);
      if (yield* hasRecord(message)) return;
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* dispatch(message, entry.messages);
      yield* addRecord(message);
      yield* removeEntry(message);
    },
  },
  {
    name: 'duplicate-removes-seen-entry-only',
    of: 'dedupe-store',
    change: 'a duplicate removes the entry only if its load showed one',
    repair:
      'The duplicate branch removes the entry by its key, whether or not its load showed one: it may be younger than the load',
    breaks: 'I6',
    bounds: { copies: 1, crashes: 2 },
    *program(message) {
      const entity = yield* load(message);
      if (yield* hasRecord(message)) {
        if (entity.entry) yield* removeEntry(message);
        return;
      }
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* dispatch(message, entry.messages);
      yield* addRecord(message);
      yield* removeEntry(message);
    },
  },
  {
    name: 'has-from-old-snapshot',
    of: 'dedupe-store',
    change: 'the check answers from a snapshot that is older than the load',
    repair: 'The check answers from a snapshot begun after it was asked (R3)',
    breaks: 'I2',
    stores: { dedupe: 'stale' },
  },
  {
    name: 'record-without-endpoint',
    of: 'dedupe-store',
    change: 'dedupe records are kept by message id alone, for all endpoints',
    repair:
      'Everything is keyed by endpoint (R1): a message id is unique for its receiver, not for all',
    breaks: 'I1',
    wrongs: { recordWithoutEndpoint: true },
    others: ['billing'],
    entered: [
      { id: 'A', endpoint: 'orders', key: 'k', body: 'x' },
      { id: 'A', endpoint: 'billing', key: 'k', body: 'x' },
    ],
    bounds: { copies: 1 },
  },
];
