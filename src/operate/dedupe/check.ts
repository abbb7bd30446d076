/** What would happen to a copy of a message if it came now, from the protocol and what the stores have. */
import { remainingSteps } from '../../engine/protocols/repair.js';
import type { MessageFacts } from '../inspect/facts.js';
import { findMessage } from '../inspect/find.js';
import { gather } from '../inspect/gather.js';
import { stepsOf } from '../inspect/ladder.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { findKnown, type KnownMessage } from './records.js';

export interface Checked {
  readonly messageId: string;
  readonly endpoint: string;
  /** `goes on`: from its entry or slot, without the handler. */
  readonly would: 'be dropped' | 'be handled' | 'go on' | 'depend on its payload' | 'be logged';
  /** The same as a clause, with what decides. */
  readonly says: string;
  /** By whom and when it was handled, and for how long that is known; null where no record tells. */
  readonly known: KnownMessage | null;
  readonly coverage: readonly Coverage[];
}

/**
 * `endpoint`: null to look for the message everywhere; with one, a message that left no trace has an
 * answer too. Reads only. Errors: `usage`, `not-found`, `ambiguous`. `time` says a moment.
 */
export async function checkCopy(
  operation: Operation,
  wanted: string,
  endpoint: string | null,
  time: (ms: number) => string,
): Promise<Checked> {
  const facts = await factsOf(operation, wanted, endpoint);
  const { messageId, operated, coverage } = facts;
  const common = { messageId, endpoint: facts.endpoint, coverage };
  if (!operated) {
    const says = 'would be logged by the sink, which recognises nothing';
    return { ...common, would: 'be logged', says, known: null };
  }
  const query = { endpoints: [operated.name], prefix: messageId, olderThanMs: null };
  const page = { expired: false, limit: 1, after: null };
  const [found] = (await findKnown(operation, { ...query, ...page })).messages;
  const known = found?.messageId === messageId ? found : null;
  return { ...common, known, ...verdictOf(facts, operated, known, time) };
}

async function factsOf(
  operation: Operation,
  wanted: string,
  endpoint: string | null,
): Promise<MessageFacts> {
  try {
    const found = await findMessage(operation, wanted, false);
    if (endpoint === null || found.endpoint === endpoint) return gather(operation, found);
  } catch (error) {
    if (endpoint === null) throw error;
  }
  const nothing = { messageId: wanted, endpoint: endpoint ?? '', copies: [], coverage: [] };
  return gather(operation, nothing);
}

type Verdict = Pick<Checked, 'would' | 'says'>;

function verdictOf(
  facts: MessageFacts,
  operated: OperatedEndpoint,
  known: KnownMessage | null,
  time: (ms: number) => string,
): Verdict {
  const { protocol } = operated;
  if (protocol.recognisesBy === 'nothing') {
    return { would: 'be handled', says: 'would be handled: this endpoint recognises nothing' };
  }
  if (known) return droppedBy(known, time);
  if (protocol.recognisesBy === 'token') return byToken(facts, operated);
  if (facts.entry) return goesOn(operated, facts.entry.step, 'entry');
  const gone = 'nothing here shows that it was handled before';
  return { would: 'be handled', says: `would be handled: ${gone}` };
}

function whatHappened({ kind, by, at }: KnownMessage, time: (ms: number) => string): string {
  // An entry keeps who committed it, and when it was dispatched, but not by whom.
  if (kind === 'entry') return `committed by ${by}, dispatched ${time(at)}`;
  return `${kind === 'record' ? 'processed' : 'entered'} ${time(at)} by ${by}`;
}

function droppedBy(known: KnownMessage, time: (ms: number) => string): Verdict {
  const { kind, expires } = known;
  const isExpired = expires <= Date.now();
  const until = isExpired
    ? `expired ${time(expires)}, may be gone by then`
    : `until ${time(expires)}`;
  const record = kind === 'entry' ? 'entry' : 'record';
  const says = `would be dropped: ${whatHappened(known, time)}; ${record} ${until}`;
  return { would: 'be dropped', says };
}

function byToken({ entry, slot, payload, messageId }: MessageFacts, operated: OperatedEndpoint) {
  if (slot?.messageId === messageId) return goesOn(operated, 'slot', 'slot');
  const isGone = payload !== null && !payload.present;
  if (entry?.step === 'committed' && isGone) {
    const from = goesOn(operated, 'committed', 'entry');
    return { ...from, says: `${from.says}; its payload was lost, and is not needed any more` };
  }
  if (isGone) {
    const says = entry
      ? 'would be dropped: its payload was consumed'
      : 'would be dropped: its payload is absent; consumed and lost look the same';
    return { would: 'be dropped', says } as const;
  }
  if (entry) return goesOn(operated, entry.step, 'entry');
  if (payload) {
    return { would: 'be handled', says: 'would be handled: its payload is present' } as const;
  }
  const says = 'would be handled if the payload that it names is present, and dropped if not';
  return { would: 'depend on its payload', says } as const;
}

function goesOn(
  operated: OperatedEndpoint,
  step: 'committed' | 'checked' | 'dispatched' | 'slot',
  from: string,
): Verdict {
  if (step === 'dispatched') return { would: 'be dropped', says: 'would be dropped: dispatched' };
  const [first] = remainingSteps(operated.protocol, step);
  const number = first === undefined ? 0 : stepsOf(operated).indexOf(first) + 1;
  return { would: 'go on', says: `would go on at step ${number} (${first}) from the ${from}` };
}
