/** Where the generator's messages go. */
import type { Message } from '../engine/message.js';

/**
 * `accepted`: the message is in. `unknown`: it may be, and the target cannot find out more. A
 * rejection is retried by the generator with the same message, hence the same id: a sender must get
 * its message in.
 */
export type SendOutcome = 'accepted' | 'unknown';

export interface Target {
  /** May be called many times at once; must not block the thread, which also takes the times. */
  send(message: Message): Promise<SendOutcome>;
}

/** The `type` of every generated message; the bench's own handlers handle it. */
export const generatedType = 'Generated';
