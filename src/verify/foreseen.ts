/**
 * Results that an effect leaves no choice about: whatever the stores hold, when the step succeeds its
 * program is told this, up to a fresh id. A step that loses a race, or fails, starts its program again
 * or ends it, and tells it nothing.
 */
import type { Effect, EffectOf } from '../engine/effects.js';
import type { Entry } from '../engine/ports.js';
import type { Wrongs } from './scenario.js';

/** Stands for an id that is fresh when the step is taken; no nonce, so that no renaming touches it. */
export const fresh = 'p*';

/** The result in a list of one; null: it depends on what the stores hold. */
export function foreseen(effect: Effect, wrongs: Wrongs): readonly [unknown] | null {
  switch (effect.kind) {
    case 'commit':
      // A program that is shown errors may go on in two ways.
      return wrongs.showsErrors ? null : [entryOf(effect)];
    case 'put-payloads':
      return [payloadIds(effect, wrongs, fresh)];
    case 'mark-checked':
      return [checked(effect.entry, effect.payloads)];
    case 'dispatch':
    case 'enter':
    case 'mark-dispatched':
    case 'add-record':
    case 'delete-payload':
    case 'delete-losers':
    case 'remove-entry':
    case 'clear-slot':
    case 'report-lost':
    case 'save':
    case 'ack':
      return [undefined];
    default:
      return null;
  }
}

/** The entry that a commit writes and answers. */
export function entryOf({ message, outcome }: EffectOf<'commit'>): Entry {
  const { payload } = message.headers;
  return {
    ...{ messageId: message.id, key: message.key, transaction: outcome.transaction },
    ...(payload ? { token: payload.id } : {}),
    ...{ step: 'committed', messages: outcome.messages, worker: '', committedAt: 0 },
  };
}

export function checked(entry: Entry, payloads: Readonly<Record<string, string>>): Entry {
  return { ...entry, step: 'checked', payloads };
}

/** The payload of each message; `base` is fresh, and is used when the program names none. */
export function payloadIds(
  { message, messages, payloads }: EffectOf<'put-payloads'>,
  { sharedPayload, fixedPayloadIds }: Wrongs,
  base: string,
): Readonly<Record<string, string>> {
  if (payloads !== null) return payloads;
  const prefix = fixedPayloadIds ? `p-${message.id}` : base;
  const ids = messages.map(({ id }, at) => [id, `${prefix}.${sharedPayload ? 0 : at}`] as const);
  return Object.fromEntries(ids);
}
