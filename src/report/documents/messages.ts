/** Messages in documents: with their bodies only where these were asked for. */
import type { ForeignMessage, ForeignRowDetail } from '../../engine/foreign.js';
import type { Message } from '../../engine/message.js';
import type { DeadLetter, Entry, Slot } from '../../engine/ports.js';
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { Claim } from '../../operate/dead/claim.js';
import type { MessageFacts } from '../../operate/inspect/facts.js';
import type { Rung } from '../../operate/inspect/ladder.js';
import type { WhatNext } from '../../operate/inspect/next.js';
import type { BodySize, ShownBody } from '../body.js';

export interface MessageData extends Omit<Message, 'body'> {
  readonly body: ShownBody | BodySize;
}

export interface ForeignMessageData extends Omit<ForeignMessage, 'body'> {
  readonly body: ShownBody | BodySize;
}

export interface ForeignRowData extends Omit<ForeignRowDetail, 'messages'> {
  readonly messages: readonly ForeignMessageData[];
}

/** An entry, or (step `slot`) a slot. */
export interface EntryData {
  readonly endpoint: string;
  readonly messageId: string;
  readonly key: string;
  readonly transaction: string;
  readonly step: Entry['step'] | 'slot';
  readonly messages: readonly MessageData[];
  /** Message id -> payload id, where bodies go by way of a payload store. */
  readonly payloads?: Readonly<Record<string, string>>;
  /** Payload of the incoming message, where it had one. */
  readonly token?: string | null;
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
  readonly dispatchedAt?: number;
}

export interface LetterData extends Omit<DeadLetter, 'message'> {
  readonly message: MessageData;
  /** The message names a payload that is not there. */
  readonly bodyGone: boolean;
  readonly applied: {
    readonly is: boolean;
    /** What shows it, in one clause; null: nothing does. */
    readonly why: string | null;
    readonly tokenGone: boolean;
  };
  readonly copies: readonly Omit<QueuedCopy, 'message'>[];
  /** How many letters of this message there are beside this one. */
  readonly others: number;
  /** Who began to act on it; null for nobody. */
  readonly claim: Claim | null;
}

/** A message without its body. */
export interface MessageHead extends Omit<Message, 'body'> {
  readonly bytes: number;
}

export interface CopyData extends Omit<QueuedCopy, 'message'> {
  readonly message: MessageHead;
}

/** A message that an entry or a slot promises. */
export interface PromisedData {
  readonly id: string;
  readonly endpoint: string;
  readonly bytes: number;
}

export interface InspectedEntry extends Omit<Entry, 'messages'> {
  readonly messages: readonly PromisedData[];
}

export interface InspectedSlot extends Omit<Slot, 'messages'> {
  readonly messages: readonly PromisedData[];
}

type Kept = 'messageId' | 'endpoint' | 'key' | 'registrations' | 'record' | 'payload';

export interface InspectData extends Pick<MessageFacts, Kept | 'entity' | 'causedBy' | 'caused'> {
  /** null: it is for the sink, which runs none. */
  readonly protocol: string | null;
  /** null where no copy of it was found. */
  readonly type: string | null;
  readonly copies: readonly CopyData[];
  readonly entry: InspectedEntry | null;
  readonly slot: InspectedSlot | null;
  /** Every step of the protocol, done and to come; empty for a message to the sink. */
  readonly ladder: readonly Rung[];
  readonly next: WhatNext;
}
