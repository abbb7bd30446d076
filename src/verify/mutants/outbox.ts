/** Wrong variants of `outbox`, and of what every protocol with a conditional commit relies on. */
import {
  ack,
  commit,
  dispatch,
  handle,
  load,
  markDispatched,
  removeEntry,
} from '../../engine/effects.js';
import type { Entry } from '../../engine/ports.js';
import type { PureHandler } from '../scenario.js';
import { sink } from '../scenario.js';
import type { Mutant } from './mutant.js';

const ofOneEntity = ['A', 'B'].map((id) => ({ id, endpoint: 'orders', key: 'k', body: id }));

/** Changes nothing: the bytes that it leaves are those that it found. */
const unchanging: PureHandler = ({ id }, before) => ({
  state: before,
  sends: [{ to: sink, body: `${id} seen` }],
});

export const outboxMutants: readonly Mutant[] = [
  {
    name: 'mark-before-dispatch',
    of: 'outbox',
    change: 'the entry is marked dispatched before its messages are sent',
    repair:
      'Mark what is done, after it is done: dispatch, then mark. A crash in between sends twice under the same ids, which receivers recognise',
    breaks: 'I1',
    *program(message) {
      const entity = yield* load(message);
      if (entity.entry?.step === 'dispatched') return;
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* markDispatched(message);
      yield* dispatch(message, entry.messages);
    },
  },
  {
    name: 'ack-before-dispatch',
    of: 'outbox',
    change: 'the message is acknowledged after the commit, before the dispatch',
    repair:
      'The acknowledgement is the last step of all: until then the broker is what brings a half-finished message back',
    breaks: 'I1',
    acknowledges: true,
    bounds: { copies: 1 },
    *program(message) {
      const entity = yield* load(message);
      if (entity.entry?.step === 'dispatched') {
        yield* ack(message);
        return;
      }
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* ack(message);
      yield* dispatch(message, entry.messages);
      yield* markDispatched(message);
    },
  },
  {
    name: 'no-version-condition',
    of: 'outbox',
    change: 'the commit asks for no version',
    repair:
      'The commit is conditional on the version of the load, so that what was decided on is what is replaced',
    breaks: 'I2',
    wrongs: { unconditionalCommit: true },
  },
  {
    name: 'unique-entry-without-version',
    of: 'outbox',
    change: 'the commit fails when the entry exists, and asks for no version',
    repair:
      'A unique entry stops one message from being applied twice, and nothing else: another message of the entity needs the version',
    breaks: 'I2',
    wrongs: { uniqueEntryOnly: true },
    entered: ofOneEntity,
    bounds: { copies: 1 },
  },
  {
    name: 'unconditional-create',
    of: 'outbox',
    change: 'a new entity is written without a condition',
    repair:
      'A new entity has version 0, and that is a condition like any other: two creators race too',
    breaks: 'I2',
    wrongs: { unconditionalCreate: true },
  },
  {
    name: 'new-ids-on-dispatch',
    of: 'outbox',
    change: 'outgoing messages get their ids when they are sent, anew on every retry',
    repair:
      'Ids are made by the handler and committed with the entry; every retry sends what the commit says',
    breaks: 'I3',
    wrongs: { newIdsOnDispatch: true },
  },
  {
    name: 'visible-before-durable',
    of: 'outbox',
    change: 'a commit is dispatched that a power cut can still take away',
    repair: 'A store shows a commit once it is durable (R4), and not before',
    breaks: 'I3',
    wrongs: { visibleBeforeDurable: true },
  },
  {
    name: 'entry-removed-on-any-error',
    of: 'outbox',
    change: 'an error of the commit is taken for "not committed", and the entry deleted',
    repair:
      'An unknown outcome is no failure. Only "condition failed", said by the store itself, tells that nothing was written; after anything else the message is tried again from its first step',
    breaks: 'I2',
    wrongs: { showsErrors: true },
    *program(message) {
      const entity = yield* load(message);
      if (entity.entry?.step === 'dispatched') return;
      let entry: Entry;
      try {
        entry = entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      } catch (error) {
        yield* removeEntry(message);
        throw error;
      }
      yield* dispatch(message, entry.messages);
      yield* markDispatched(message);
    },
  },
  {
    name: 'etag-as-version',
    of: 'dedupe-store',
    change: 'the version is a hash of the content, and content comes back',
    repair:
      'A version never repeats (R2): a counter, or an id of the transaction, and no hash of the content',
    breaks: 'I2',
    stores: { business: 'content-hash' },
    handler: unchanging,
  },
];
