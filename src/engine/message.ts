/**
 * What travels. A message id is chosen once, in the commit that produces the message, and stored; a
 * payload id is chosen anew for every attempt (design, section 2).
 */
export interface Message {
  /** 26 characters, sortable by time, ours and never the broker's. */
  readonly id: string;
  /** The endpoint the message is for; also the name of its queue. */
  readonly endpoint: string;
  readonly type: string;
  /** Key of the entity that the message changes. */
  readonly key: string;
  /** Empty when the body is in the payload store. */
  readonly body: Uint8Array;
  readonly headers: MessageHeaders;
}

export interface MessageHeaders {
  /** Id of the message whose handling produced this one. */
  readonly causedBy?: string;
  /** Transaction that produced this message: the commit it stands in. Absent for entered messages. */
  readonly transaction?: string;
  /** Where the body is, when it is not in the message: the claim check, and the token. */
  readonly payload?: PayloadReference;
  /** Intended send time of the chain's first message, in ms since the epoch with fractions. */
  readonly intendedAt?: number;
  /** When the send of this message began (first hop: intended time), ms since the epoch. */
  readonly sentAt?: number;
  /** A copy that fault injection made: it is not copied again. */
  readonly injected?: true;
  /** Id of the dead letter that an operator edited: this message replaces it. */
  readonly editedFrom?: string;
}

export interface PayloadReference {
  readonly id: string;
  /** Name of the payload store; another store's "no such key" says nothing (design, section 3). */
  readonly store: string;
}

/** One physical copy of a message, leased to one receiver. */
export interface Delivery {
  readonly message: Message;
  /** Opaque. Valid until the lease ends; afterwards it may or may not take effect. */
  readonly receipt: string;
  /** How often this copy was received, this time included. */
  readonly receives: number;
  /** End of the lease, ms since the epoch. */
  readonly leaseEnd: number;
  readonly failures: readonly Failure[];
}

/** A failed attempt, kept with the message. */
export interface Failure {
  readonly at: number;
  readonly worker: string;
  readonly error: string;
  readonly stack?: string;
}
