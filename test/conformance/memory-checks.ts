/** What the reference stores refuse, and the copies they keep. */
import { OncectlError } from '../../src/engine/errors.js';
import type { Message } from '../../src/engine/message.js';

const longestKey = 1_000;

/** Shared by the ports of one client: after its close, everything is refused. */
export class OpenState {
  closed = false;

  check(): void {
    if (this.closed) throw new OncectlError('aborted', 'the store is closed');
  }
}

export function checkKey(key: string, about: string): void {
  const invalid = key === '' || Buffer.from(key).toString() !== key;
  if (invalid) throw new OncectlError('invalid-message', `${about} is empty or no text`, { about });
  if (key.length > longestKey) {
    throw new OncectlError('too-large', `${about} is too long`, { about });
  }
}

export function checkMessage(message: Message): void {
  checkKey(message.id, 'message id');
  checkKey(message.key, 'key');
  checkKey(message.type, 'type');
}

/** A copy that shares no bytes with the original. */
export function clone<T>(value: T): T {
  return structuredClone(value);
}
