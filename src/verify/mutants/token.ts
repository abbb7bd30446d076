/** Wrong variants of `token`. */
import {
  commit,
  deletePayload,
  dispatch,
  getPayload,
  handle,
  load,
  markChecked,
  type Program,
  putPayloads,
  removeEntry,
} from '../../engine/effects.js';
import type { Message } from '../../engine/message.js';
import { type PureHandler, sink } from '../scenario.js';
import type { Mutant } from './mutant.js';

/** The right program with one of its ways replaced. */
function* variant(
  message: Message,
  { repeats = false, checks = true, removesFirst = false, loadsFirst = true },
): Program {
  let body = loadsFirst ? null : yield* getPayload(message);
  const entity = yield* load(message);
  if (loadsFirst) body = yield* getPayload(message);
  if (body === null && entity.entry?.step !== 'committed') {
    yield* removeEntry(message, 'checked');
    return;
  }
  let entry =
    entity.entry ?? (yield* commit(message, entity, yield* handle(message, entity, body)));
  let payloads = entry.payloads ?? {};
  if (entry.step === 'committed') {
    payloads = yield* putPayloads(message, entry.messages);
    if (repeats) yield* putPayloads(message, entry.messages, payloads);
    if (checks) entry = yield* markChecked(message, entry, payloads);
  }
  yield* dispatch(message, entry.messages, payloads);
  if (removesFirst) yield* removeEntry(message, checks ? 'checked' : 'any');
  yield* deletePayload(message);
  if (!removesFirst) yield* removeEntry(message, checks ? 'checked' : 'any');
}

const twice: PureHandler = ({ id }, before) => ({
  state: `${before}${id}`,
  sends: [
    { to: sink, body: id },
    { to: sink, body: id },
  ],
});

export const tokenMutants: readonly Mutant[] = [
  {
    name: 'payload-check-before-load',
    of: 'token',
    change: 'the payload is fetched before the entity is loaded',
    repair:
      'The token is looked for after the load, so that the condition of the commit covers the decision',
    breaks: 'I2',
    program: (message) => variant(message, { loadsFirst: false }),
  },
  {
    name: 'remove-before-delete',
    of: 'token',
    change: 'the entry is removed before the incoming payload is deleted',
    repair:
      'Delete the incoming payload, then the entry: while the token is there, the entry must say that it was used',
    breaks: 'I2',
    program: (message) => variant(message, { removesFirst: true }),
  },
  {
    name: 'no-mark-checked',
    of: 'token',
    change: 'payloads are dispatched without choosing an attempt that wins',
    repair: 'One attempt wins by a conditional write, and only what the winner names is dispatched',
    breaks: 'I2',
    program: (message) => variant(message, { checks: false }),
  },
  {
    name: 'unconditional-mark-checked',
    of: 'token',
    change: 'a second attempt replaces the payloads that the first one has checked',
    repair: 'The mark is conditional on the entry still being unchecked',
    breaks: 'I2',
    wrongs: { unconditionalChecked: true },
  },
  {
    name: 'fixed-payload-ids',
    of: 'token',
    change: 'every attempt puts its payloads under the same ids',
    repair:
      'Every attempt puts its payloads under fresh ids: a late put of a loser then creates nothing that anybody names',
    breaks: 'I2',
    wrongs: { fixedPayloadIds: true },
  },
  {
    name: 'put-repeated-under-its-id',
    of: 'token',
    change: 'a put that timed out is repeated under the same id, and the first lands late',
    repair:
      'A put with an unknown outcome is never repeated under its id (R6): the next attempt takes another',
    breaks: 'I2',
    wrongs: { repeatsPut: true },
    program: (message) => variant(message, { repeats: true }),
  },
  {
    name: 'shared-payload',
    of: 'token',
    change: 'two subscribers are sent one payload',
    repair: 'A payload for each subscriber: consuming the one must leave the right of the other',
    breaks: 'I1',
    wrongs: { sharedPayload: true },
    handler: twice,
    bounds: { copies: 1 },
  },
];
