/**
 * The bench's own handlers: deterministic, so that the audit can execute them again. A message moves
 * the entity's counter and checksum on, and goes on, as it came, to every endpoint behind this one.
 */
import { hash } from 'node:crypto';
import type { Replay } from '../audit/audit.js';
import { type EndpointDefinition, endpoint } from '../engine/handler.js';
import type { EndpointProfile } from '../profile/types.js';

interface BenchState {
  readonly handled: number;
  readonly last: string;
  readonly checksum: number;
  /** Makes the state as large as a small business entity. */
  readonly filler: string;
}

const filler = 'a business entity of about four hundred bytes; '.repeat(7);

/** The next state: depends on the state before and the message's id, and on nothing else. */
function nextState(before: BenchState | null, messageId: string): BenchState {
  return {
    handled: (before?.handled ?? 0) + 1,
    last: messageId,
    checksum: mix(before?.checksum ?? 0x811c9dc5, messageId),
    filler,
  };
}

/** FNV-1a over the id, from the checksum before: order matters. */
function mix(checksum: number, text: string): number {
  let value = checksum;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** The endpoint that a profile without handlers of its own describes. */
export function benchEndpoint(profile: EndpointProfile): EndpointDefinition {
  return endpoint<Record<string, unknown>, BenchState>({
    name: profile.name,
    handlers: {
      '*': (message, entity, send) => {
        failOnPurpose(profile, message.id);
        entity.state = nextState(entity.state, message.id);
        send({ type: message.type, bytes: message.bytes });
      },
    },
  });
}

/** The same messages fail in every attempt: those whose id falls into the share. */
function failOnPurpose(profile: EndpointProfile, messageId: string): void {
  if (profile.failing.length === 0) return;
  const place = Number.parseInt(hash('sha1', messageId, 'hex').slice(0, 8), 16) / 2 ** 32;
  let upTo = 0;
  for (const { share, error } of profile.failing) {
    upTo += share;
    if (place < upTo) throw new Error(error);
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Executes one message of the bench's own handlers again, for I5. */
export const replayBench: Replay = (before, messageId) => {
  const state = before === null ? null : (JSON.parse(decoder.decode(before)) as BenchState);
  return encoder.encode(JSON.stringify(nextState(state, messageId)));
};
