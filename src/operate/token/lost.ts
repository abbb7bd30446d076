/**
 * Messages whose token is absent. Where nothing shows that the message was handled, it was lost, or it is
 * a copy of one that was handled and forgotten: with tokens the two look the same.
 */
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Look } from './look.js';

export interface LostToken {
  readonly messageId: string;
  /** Endpoint that the message is for. */
  readonly endpoint: string;
  /** The payload that it names, and that is absent. */
  readonly payload: string;
  readonly state: QueuedCopy['state'];
  readonly receives: number;
  /** `lost`: for certain. `lost or handled`: it cannot be told. */
  readonly verdict: 'lost' | 'lost or handled';
  readonly why: string;
}

/**
 * Reads only. `present`: ids of payloads that were listed before the look; what is not among them is
 * asked for. Copies that show to be duplicates of handled messages are left out.
 */
export async function findLost(
  operation: Operation,
  look: Look,
  present: ReadonlySet<string>,
): Promise<readonly LostToken[]> {
  const suspects: QueuedCopy[] = [];
  for (const copy of look.copies) {
    const { payload } = copy.message.headers;
    if (!payload || present.has(payload.id) || isHeld(operation, copy)) continue;
    if (await isAbsent(operation, copy)) suspects.push(copy);
  }
  const still = await stillThere(operation, suspects);
  const causes = new Set(look.copies.map(({ message }) => message.headers.causedBy));
  const ids = new Set(still.map(({ message }) => message.id));
  const commits = (ids.size > 0 && (await operation.journal?.commitsOf(ids))) || new Map();
  const found: LostToken[] = [];
  for (const copy of still) {
    const { id } = copy.message;
    if (causes.has(id) || commits.has(id)) continue;
    const lost = await judge(operation, copy);
    if (lost) found.push(lost);
  }
  return found;
}

/** A worker that is at the message deletes its payload before it acknowledges. */
function isHeld({ isGone }: Operation, { state, holder }: QueuedCopy): boolean {
  return state === 'in-flight' && !isGone(holder);
}

async function isAbsent(operation: Operation, { message }: QueuedCopy): Promise<boolean> {
  const { payload } = message.headers;
  const operated = operation.endpoints.find(({ name }) => name === message.endpoint);
  const stores = operated
    ? [operated.ports.payload]
    : [...operation.deployment.islands.values()].map(({ ports }) => ports.payload);
  const named = stores.filter(({ name }) => name === payload?.store);
  const bodies = await Promise.all(named.map((store) => store.get(payload?.id ?? '')));
  return named.length > 0 && bodies.every((body) => body === null);
}

/** A message that was handled meanwhile took its payload with it. */
async function stillThere(
  { queues }: Operation,
  suspects: readonly QueuedCopy[],
): Promise<readonly QueuedCopy[]> {
  if (suspects.length === 0) return [];
  const ids = new Set(suspects.map(({ message }) => message.id));
  const reading = queues.filter(({ broker }) => broker.searching === 'reads');
  const found = await Promise.all(reading.map(({ broker, names }) => broker.copiesOf(names, ids)));
  const now = new Set(found.flat().map(({ message }) => message.id));
  const first = new Map(suspects.map((copy) => [copy.message.id, copy]));
  return [...first.values()].filter(({ message }) => now.has(message.id));
}

/** null: a record shows that it was handled. */
async function judge(operation: Operation, copy: QueuedCopy): Promise<LostToken | null> {
  const { message, state, receives } = copy;
  const { id: messageId, endpoint, key } = message;
  const payload = message.headers.payload?.id ?? '';
  const common = { messageId, endpoint, payload, state, receives };
  const operated = operation.endpoints.find(({ name }) => name === endpoint);
  if (!operated) {
    const why = 'it is for the sink, which keeps no record';
    return { ...common, verdict: 'lost or handled', why };
  }
  const page = { prefix: messageId, after: null, limit: 1 };
  const [entry] = await operated.upkeep.business.entries(endpoint, page);
  const { slot } = await operated.ports.business.load(endpoint, key, messageId);
  if (entry?.step === 'committed' && operated.protocol.name === 'token') {
    const why =
      'its entry is unchecked, so nobody consumed it; it was handled, and a repair finishes it from there';
    return { ...common, verdict: 'lost', why };
  }
  if (entry || slot?.messageId === messageId) return null;
  if (await hasRecord(operated, messageId)) return null;
  const journal = operation.journal ? ', and the journal of the run has no commit of it' : '';
  return {
    ...common,
    verdict: 'lost or handled',
    why: `no entry or record tells whether it was handled before${journal}`,
  };
}

async function hasRecord({ ports, protocol, name }: OperatedEndpoint, messageId: string) {
  return protocol.name === 'dedupe-store' && (await ports.dedupe.has(name, messageId));
}
