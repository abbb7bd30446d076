/** What a protocol is to everybody but itself. */
import type { Program } from '../effects.js';
import type { Message } from '../message.js';
import type { ProtocolName } from './names.js';

export interface Protocol {
  readonly name: ProtocolName | 'bridge';
  /** How a duplicate is recognised. */
  readonly recognisesBy: 'nothing' | 'id' | 'token' | 'transaction';
  /** The message is consumed by a step of the program; there is nothing left to acknowledge. */
  readonly consumes: boolean;
  /** All steps but `ack`: what repair runs too. */
  readonly program: (message: Message) => Program;
}
