import {
  commit,
  dispatch,
  enter,
  handle,
  load,
  markChecked,
  markDispatched,
  type Program,
  putPayloads,
} from '../effects.js';
import type { Message } from '../message.js';
import type { Entry } from '../ports.js';
import type { Protocol } from './protocol.js';

/** How the endpoints behind the bridge recognise a duplicate. */
export type BridgeTo = Exclude<Protocol['recognisesBy'], 'nothing'>;

/**
 * Between islands, and wherever a consumer cannot recognise what its producer may send again. Leases
 * the message on the left, commits {dedupe, entry} in a store of its own, hands on to the right what
 * the entry says, and acknowledges last. The entry stays, marked dispatched, for as long as a copy
 * from the left may be late.
 */
export function bridge(to: BridgeTo): Protocol {
  return {
    name: 'bridge',
    recognisesBy: 'id',
    consumes: false,
    *program(message) {
      const entity = yield* load(message);
      if (entity.entry?.step === 'dispatched') return;
      const entry =
        entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity)));
      yield* handOn[to](message, entry);
    },
  };
}

const handOn: Readonly<Record<BridgeTo, (message: Message, entry: Entry) => Program>> = {
  *id(message, entry) {
    yield* dispatch(message, entry.messages);
    yield* markDispatched(message);
  },
  /** Only what a checked entry names is a token: a second payload would be a second right. */
  *token(message, entry) {
    let checked = entry;
    if (entry.step === 'committed') {
      const payloads = yield* putPayloads(message, entry.messages);
      checked = yield* markChecked(message, entry, payloads);
    }
    yield* dispatch(message, checked.messages, checked.payloads ?? {});
    yield* markDispatched(message, 'checked');
  },
  /** The dedupe record on the right and the queue row there are one transaction. */
  *transaction(message, entry) {
    yield* enter(message, entry.messages);
    yield* markDispatched(message);
  },
};
