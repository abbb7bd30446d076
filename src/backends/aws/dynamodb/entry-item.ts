/**
 * How an entry lies: as a value in its entity's `entries`, or as an item of its own. Settling changes
 * single attributes of it, so that nothing has to be read before.
 *
 *  step      committed, checked or dispatched
 *  head      key, transaction, worker and time of the commit, token of the message; packed
 *  messages  outgoing messages without their bodies, packed; gone once dispatched
 *  bodies    their bodies, packed; gone once checked: from there on the payload store has them
 *  payloads  message id -> payload id, packed; once checked
 *  at        when it was dispatched, ms
 *  settler   id of the write that settled it, to know one's own write again after a retry
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Message } from '../../../engine/message.js';
import type { Entry, EntryStep } from '../../../engine/ports.js';
import { type Item, number, numberOf, packed, text, textOf, unpacked } from './item.js';

interface EntryHead {
  readonly key: string;
  readonly transaction: string;
  readonly worker: string;
  readonly committedAt: number;
  readonly token?: string;
}

export function entryAttributes(entry: Entry): Record<string, AttributeValue> {
  const { key, transaction, worker, committedAt, messages, payloads, dispatchedAt, token } = entry;
  const plain = { key, transaction, worker, committedAt };
  const head: EntryHead = token === undefined ? plain : { ...plain, token };
  return {
    step: text(entry.step),
    head: packed(head),
    messages: packed(messages.map((message) => ({ ...message, body: noBody }))),
    bodies: packed(messages.map(({ body }) => body)),
    ...(payloads ? { payloads: packed(payloads) } : {}),
    ...(dispatchedAt === undefined ? {} : { at: number(dispatchedAt) }),
  };
}

/** The entry of attributes that `entryAttributes` made, however far it was settled since. */
export function entryOf(messageId: string, attributes: Item): Entry {
  const messages = unpacked<readonly Message[]>(attributes['messages']) ?? [];
  const bodies = unpacked<readonly Uint8Array[]>(attributes['bodies']) ?? [];
  const payloads = payloadsOf(attributes);
  const dispatchedAt = numberOf(attributes['at']);
  return {
    messageId,
    ...headOf(attributes),
    step: stepOf(attributes),
    messages: messages.map((message, at) => ({ ...message, body: bodies[at] ?? noBody })),
    ...(payloads ? { payloads } : {}),
    ...(dispatchedAt === null ? {} : { dispatchedAt }),
  };
}

export function headOf(attributes: Item): EntryHead {
  const nothing = { key: '', transaction: '', worker: '', committedAt: 0 };
  return unpacked<EntryHead>(attributes['head']) ?? nothing;
}

export function stepOf(attributes: Item): EntryStep {
  return (textOf(attributes['step']) ?? 'committed') as EntryStep;
}

export function payloadsOf(attributes: Item): Readonly<Record<string, string>> | null {
  return unpacked<Record<string, string>>(attributes['payloads']);
}

const noBody = new Uint8Array(0);
