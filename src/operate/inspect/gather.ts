/** Reads everything that the stores know about one message. */
import type { Registration, Slot } from '../../engine/ports.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import { messagesOf, registeredEntities } from '../registered.js';
import type { MessageFacts } from './facts.js';
import type { Found } from './find.js';

/** Reads only. */
export async function gather(operation: Operation, found: Found): Promise<MessageFacts> {
  const { messageId, endpoint, copies, coverage } = found;
  const operated = operation.endpoints.find(({ name }) => name === endpoint) ?? null;
  const at = Date.now();
  const message = copies[0]?.message ?? null;
  const plain = { messageId, endpoint, operated, message, copies, coverage, at };
  if (!operated) {
    const causedBy = message?.headers.causedBy ?? null;
    const nothing = { entry: null, slot: null, registrations: [], record: null, entity: null };
    return { ...plain, ...nothing, key: message?.key ?? null, payload: null, causedBy, caused: [] };
  }
  const kept = await keptOf(operated, messageId, message?.key ?? null);
  const outgoing = (kept.entry ?? kept.slot)?.messages ?? [];
  return {
    ...plain,
    ...kept,
    record: await recordOf(operated, messageId),
    payload: await payloadOf(operated, [
      message?.headers.payload?.id,
      kept.entry?.token,
      kept.slot?.token ?? undefined,
    ]),
    causedBy: message?.headers.causedBy ?? null,
    caused: outgoing.map(({ id, endpoint: to }) => ({ id, endpoint: to })),
  };
}

type Kept = Pick<MessageFacts, 'key' | 'entry' | 'slot' | 'registrations' | 'entity'>;

/** Entry or slot, and the entity: by the message's key, else by that of whatever names the message. */
async function keptOf(
  operated: OperatedEndpoint,
  messageId: string,
  known: string | null,
): Promise<Kept> {
  const { ports, name } = operated;
  const key = known ?? (await keyOf(operated, messageId));
  if (key === null) {
    return { key, entry: null, slot: null, registrations: [], entity: null };
  }
  const entity = await ports.business.load(name, key, messageId);
  const isOf = ({ messageId: id }: Slot | Registration) => id === messageId;
  return {
    key,
    entry: entity.entry,
    slot: entity.slot && isOf(entity.slot) ? entity.slot : null,
    registrations: entity.registry.filter(isOf),
    entity: { key, version: entity.version, transaction: entity.transaction },
  };
}

async function keyOf(operated: OperatedEndpoint, messageId: string): Promise<string | null> {
  const { upkeep, name, protocol } = operated;
  const [entry] = await upkeep.business.entries(name, { prefix: messageId, after: null, limit: 1 });
  if (entry) return entry.key;
  if (protocol.name !== 'register-commit-publish') return null;
  for await (const entity of registeredEntities(upkeep.business, name)) {
    if (messagesOf(entity).includes(messageId)) return entity.key;
  }
  return null;
}

async function recordOf({ upkeep, name, protocol }: OperatedEndpoint, messageId: string) {
  if (protocol.recognisesBy === 'token') return null;
  const [found] = await upkeep.dedupe.records(name, { prefix: messageId, after: null, limit: 1 });
  return found?.record ?? null;
}

async function payloadOf({ ports }: OperatedEndpoint, ids: readonly (string | undefined)[]) {
  const id = ids.find((one) => one !== undefined);
  if (id === undefined) return null;
  return { id, present: (await ports.payload.get(id)) !== null };
}
