/**
 * How an entry lies: `[EntryHead, bodies, messages without bodies]`, one MessagePack array. Settling an
 * entry reads its head alone, and checking it drops the bodies and copies the messages as they lie.
 */
import type { Message } from '../../engine/message.js';
import type { Entry } from '../../engine/ports.js';
import { joinParts, pack, unpack, unpackFirst } from './records.js';

export type EntryHead = Omit<Entry, 'messages'>;

type EntryRow = [EntryHead, readonly Uint8Array[], readonly Message[]];

const noBody = new Uint8Array(0);
const noBodies = pack([]);

export function packEntry({ messages, ...head }: Entry): Buffer {
  const bodies = pack(messages.map(({ body }) => body));
  return joinParts(pack(head), bodies, pack(messages.map(withoutBody)));
}

export function unpackEntry(bytes: Buffer): Entry {
  const [head, bodies, messages] = unpack<EntryRow>(bytes);
  return {
    ...head,
    messages: messages.map((message, at) => ({ ...message, body: bodies[at] ?? noBody })),
  };
}

export function unpackHead(bytes: Buffer): EntryHead {
  return unpackFirst<EntryHead>(bytes).first;
}

/** Bodies are dropped: from here on the payload store has them. */
export function checkedEntry(bytes: Buffer, payloads: Readonly<Record<string, string>>): Buffer {
  const { first, rest } = unpackFirst<EntryHead>(bytes, 2);
  const head: EntryHead = { ...first, step: 'checked', payloads };
  return joinParts(pack(head), noBodies, rest);
}

function withoutBody(message: Message): Message {
  return { ...message, body: noBody };
}
