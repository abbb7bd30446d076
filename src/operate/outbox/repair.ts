/**
 * Finishes one entry: the protocol's own program from step 1, with its own conditions, without the
 * handler and without an acknowledgement (`engine/protocols/repair.ts`). It is one more copy of the
 * message, and the protocols are right with any number of copies; so it needs no lease, and may run
 * beside workers, beside another repair, and again after a crash.
 */
import type { Effect } from '../../engine/effects.js';
import { Conflict, OncectlError } from '../../engine/errors.js';
import { IdSource } from '../../engine/ids.js';
import { isoTime } from '../../engine/iso-time.js';
import type { Message } from '../../engine/message.js';
import { pause } from '../../engine/pause.js';
import type { Entity, Entry, Slot } from '../../engine/ports.js';
import { repairedMessage, repairing } from '../../engine/protocols/repair.js';
import { type Performer, perform } from '../../engine/runtime/interpreter.js';
import { actorText } from '../actor.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { ExecuteContext, Executor, ItemOutcome } from '../plan/executor.js';
import type { PlanItem } from '../plan/plan.js';
import { noteWinner } from '../token/winners.js';

const retriesInPlace = 100;
const longestPauseMs = 500;

export const repairExecutor: Executor = {
  async execute(operation, item, { boundary }) {
    const endpoint = operation.endpoint(item.endpoint);
    if (!(await isPending(endpoint, item))) return yieldedTo(endpoint, item);
    const sends = await runToItsEnd(operation, endpoint, item, boundary);
    if (sends !== null) return { outcome: 'done', sends };
    return yieldedTo(endpoint, item);
  },
  async settled(operation, item) {
    return !(await isPending(operation.endpoint(item.endpoint), item));
  },
};

/** How many messages it sent; null: others had finished it before it came to send anything. */
async function runToItsEnd(
  operation: Operation,
  endpoint: OperatedEndpoint,
  item: PlanItem,
  boundary: ExecuteContext['boundary'],
): Promise<number | null> {
  const message = messageOf(endpoint, item);
  const by = performerOf(operation, endpoint, message);
  for (let lost = 0; ; lost++) {
    try {
      return await attempt(endpoint, message, by, {
        cells: operation.cells,
        ...(boundary ? { boundary } : {}),
      });
    } catch (error) {
      if (!(error instanceof Conflict) || lost >= retriesInPlace) throw error;
      await pause(Math.random() * Math.min(2 ** lost, longestPauseMs));
    }
  }
}

async function attempt(
  { protocol, name }: OperatedEndpoint,
  message: Message,
  by: Performer,
  { cells, boundary }: Pick<Operation, 'cells'> & Pick<ExecuteContext, 'boundary'>,
): Promise<number | null> {
  const program = repairing(protocol, message);
  let sends: number | null = null;
  let kept: Entry | Slot | null = null;
  let next = program.next();
  while (!next.done) {
    const effect = next.value;
    if (kept && ends.has(effect.kind)) await noteWinner(cells, name, kept, by.worker);
    const result = await perform(effect, by);
    kept = keptBy(effect, result) ?? kept;
    await boundary?.(effect.kind);
    if (effect.kind === 'dispatch' || effect.kind === 'enter') {
      sends = (sends ?? 0) + countOf(effect);
    }
    if (effect.kind === 'mark-dispatched' || effect.kind === 'remove-entry') sends ??= 0;
    next = program.next(result);
  }
  return sends;
}

/** Behind these steps nothing is left that names the payloads of the attempt that won. */
const ends: ReadonlySet<Effect['kind']> = new Set<Effect['kind']>([
  ...(['mark-dispatched', 'remove-entry', 'clear-slot'] as const),
]);

function keptBy({ kind }: Effect, result: unknown): Entry | Slot | null {
  if (kind === 'mark-checked') return result as Entry;
  if (kind !== 'load' && kind !== 'reload') return null;
  const { entry, slot } = result as Entity;
  return entry ?? slot;
}

function countOf(effect: Effect): number {
  return 'messages' in effect ? effect.messages.length : 0;
}

/** What the program needs of the message, all of it from the entry. */
function messageOf(endpoint: OperatedEndpoint, item: PlanItem): Message {
  const token = item.observed['token'];
  const repaired = {
    endpoint: endpoint.name,
    key: item.key ?? '',
    messageId: item.id,
    token: typeof token === 'string' ? token : null,
  };
  return repairedMessage(repaired, endpoint.ports.payload.name);
}

function performerOf(
  { profile, actor }: Operation,
  { name, ports, onward }: OperatedEndpoint,
  message: Message,
): Performer {
  return {
    worker: `repair ${actorText(actor)}`,
    ports,
    onward,
    definition: { name, handlers: {} },
    limits: { sendsTo: [], mayName: new Set(), maxBodyBytes: 0 },
    ids: new IdSource(),
    retentionMs: profile.deployment.retentionMs,
    audit: false,
    delivery: { message, receipt: '', receives: 0, leaseEnd: 0, failures: [] },
    receipt: async () => {
      throw new OncectlError('bug', 'a repair acknowledges nothing');
    },
    onCommitted: () => {},
    onBody: () => {},
    onLostPayload: () => {},
  };
}

/** Whether the transaction that was planned for still waits. */
async function isPending({ name, ports }: OperatedEndpoint, item: PlanItem): Promise<boolean> {
  const { entry, slot } = await ports.business.load(name, item.key ?? '', item.id);
  if (item.step === 'slot') return slot?.messageId === item.id;
  return entry !== null && entry.step !== 'dispatched';
}

/** Who finished it, as the records tell. */
async function yieldedTo(
  { name, ports, protocol, upkeep }: OperatedEndpoint,
  item: PlanItem,
): Promise<ItemOutcome> {
  const { entry } = await ports.business.load(name, item.key ?? '', item.id);
  if (entry?.dispatchedAt !== undefined) {
    return { outcome: 'yielded', to: `dispatched ${isoTime(entry.dispatchedAt)}` };
  }
  if (protocol.name === 'dedupe-store') {
    const page = { prefix: item.id, after: null, limit: 1 };
    const [found] = await upkeep.dedupe.records(name, page);
    if (found) {
      return {
        outcome: 'yielded',
        to: `${found.record.by} finished it ${isoTime(found.record.at)}`,
      };
    }
  }
  return { outcome: 'yielded', to: 'finished meanwhile; no record tells by whom' };
}
