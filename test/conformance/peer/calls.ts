/** What a test and its peer process say to one another. */
import type { ErrorKind, Happened } from '../../../src/engine/errors.js';
import type { Ports } from '../../../src/engine/ports.js';

export interface PortCall {
  readonly id: number;
  readonly port: keyof Ports;
  readonly method: string;
  readonly arguments: readonly unknown[];
  /** A file that the peer writes once the call is done: news for a parent that does not listen. */
  readonly flag?: string;
}

export interface PortReply {
  /** 0: the peer is ready; `value` is the name of its payload store. */
  readonly id: number;
  readonly value?: unknown;
  readonly error?: {
    readonly kind: ErrorKind;
    readonly message: string;
    readonly about: string | undefined;
    readonly happened: Happened;
    readonly hint: string | undefined;
  };
}
