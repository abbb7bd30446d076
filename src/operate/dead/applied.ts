/** Whether a dead letter's message was applied all the same, as entry, slot, record or journal show. */
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { MessageFacts } from '../inspect/facts.js';
import { gather } from '../inspect/gather.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { DeadHead } from './letters.js';

export interface AppliedOrNot {
  /** What shows that it was applied, in one clause; null: nothing does. */
  readonly applied: string | null;
  /** Its payload is gone: it was consumed, or lost. Whoever receives the message drops it. */
  readonly tokenGone: boolean;
  readonly facts: MessageFacts;
}

type Letter = Pick<DeadHead, 'messageId' | 'type' | 'key' | 'headers'>;

/** Reads only. `copies` of the message, as far as they were looked for. */
export async function appliedOrNot(
  operation: Operation,
  endpoint: OperatedEndpoint,
  letter: Letter,
  copies: readonly QueuedCopy[] = [],
): Promise<AppliedOrNot> {
  const found = { messageId: letter.messageId, endpoint: endpoint.name, coverage: [] };
  const all = copies.length > 0 ? copies : [bareCopy(endpoint, letter)];
  const facts = await gather(operation, { ...found, copies: all });
  const { payload } = letter.headers;
  return {
    applied: proofOf(facts, endpoint.protocol.recognisesBy),
    tokenGone: payload?.store === endpoint.ports.payload.name && facts.payload?.present === false,
    facts: { ...facts, copies },
  };
}

/** A copy that will be received, or is being handled. */
export function isOnItsWay({ state }: QueuedCopy): boolean {
  return state !== 'dead';
}

/** Every copy of these messages, by message id; none where queues cannot be searched. */
export async function copiesOfAll(
  { name, upkeep }: OperatedEndpoint,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly QueuedCopy[]>> {
  const found = new Map<string, QueuedCopy[]>();
  if (upkeep.broker.searching === 'receives' || ids.size === 0) return found;
  for (const copy of await upkeep.broker.copiesOf([name], ids)) {
    const known = found.get(copy.message.id);
    if (known) known.push(copy);
    else found.set(copy.message.id, [copy]);
  }
  return found;
}

/** The record of a local transaction says that the message entered, not that it was applied. */
function proofOf(
  { entry, slot, record }: MessageFacts,
  recognisesBy: OperatedEndpoint['protocol']['recognisesBy'],
): string | null {
  if (entry) return `it was applied: its entry is ${entry.step}`;
  if (slot) return 'it was applied: its slot is taken';
  if (record && recognisesBy === 'id') return `it was applied: ${record.by} recorded it`;
  return null;
}

/** What the gathering needs of a message: all but its body. */
function bareCopy({ name }: OperatedEndpoint, letter: Letter): QueuedCopy {
  const { messageId: id, type, key, headers } = letter;
  const message = { id, endpoint: name, type, key, headers, body: new Uint8Array(0) };
  const nobody = { holder: null, failures: [], receipt: '' };
  return { message, state: 'dead', at: 0, receives: 0, ...nobody };
}
