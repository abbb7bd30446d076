/** What the stores know about one message, before anything is concluded from it. */
import type { Message } from '../../engine/message.js';
import type { DedupeRecord, Entry, Registration, Slot } from '../../engine/ports.js';
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { OperatedEndpoint } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';

export interface MessageFacts {
  readonly messageId: string;
  /** Name of the endpoint that it is for. */
  readonly endpoint: string;
  /** null: it is for the sink, behind the last hop. */
  readonly operated: OperatedEndpoint | null;
  /** The message, where a copy of it was found. */
  readonly message: Message | null;
  /** Key of the entity that it changes; null when nothing tells. */
  readonly key: string | null;
  readonly copies: readonly QueuedCopy[];
  readonly entry: Entry | null;
  readonly slot: Slot | null;
  /** Attempts at it that registered payloads (register-commit-publish). */
  readonly registrations: readonly Registration[];
  readonly record: DedupeRecord | null;
  /** Its payload, where the body came by way of a payload store; null when nothing names one. */
  readonly payload: { readonly id: string; readonly present: boolean } | null;
  readonly entity: EntityFacts | null;
  /** The message whose handling produced it; null for one that entered, or when nothing tells. */
  readonly causedBy: string | null;
  /** What its handling produced, as far as entry or slot still say. */
  readonly caused: readonly { readonly id: string; readonly endpoint: string }[];
  readonly coverage: readonly Coverage[];
  /** When all of this was read. */
  readonly at: number;
}

export interface EntityFacts {
  readonly key: string;
  readonly version: number;
  /** Last transaction that changed it; made at the time that its id tells. */
  readonly transaction: string | null;
}
