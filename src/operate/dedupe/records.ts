/**
 * By what a duplicate is recognised later: dedupe records; at endpoints that keep their entries, the
 * dispatched ones; in one database, the records of what entered. Token endpoints keep none: there the
 * message's payload is gone.
 */
import { OncectlError } from '../../engine/errors.js';
import type { DedupeRecord } from '../../engine/ports.js';
import { checkPrefix, uniqueId } from '../ids.js';
import type { OperatedEndpoint, Operation } from '../operation.js';

export interface KnownMessage {
  readonly endpoint: string;
  readonly messageId: string;
  readonly kind: 'record' | 'entry' | 'entered';
  /** Worker that handled it (of an entry: committed it), or whoever entered it. */
  readonly by: string;
  /** When it was handled, dispatched or entered, ms since the epoch. */
  readonly at: number;
  /** A copy that comes later than this may not be recognised. */
  readonly expires: number;
}

export interface KnownQuery {
  /** Empty: all. */
  readonly endpoints: readonly string[];
  /** Only ids that begin with it; "" for all. */
  readonly prefix: string;
  /** Only what was handled so long ago, ms; null: of any age. */
  readonly olderThanMs: number | null;
  readonly expired: boolean;
  readonly limit: number;
  /** Where the page before ended: `endpoint/id`. */
  readonly after: string | null;
}

export interface KnownPage {
  readonly messages: readonly KnownMessage[];
  /** Pass it as `after`; null on the last page. */
  readonly next: string | null;
}

const pageSize = 1000;

/** In the order of the endpoints, then of the ids. Reads only; `usage` for an endpoint that is not there. */
export async function findKnown(operation: Operation, query: KnownQuery): Promise<KnownPage> {
  const now = Date.now();
  const messages: KnownMessage[] = [];
  for (const { endpoint, after } of startingAt(operation, query)) {
    for await (const known of knownAt(operation, endpoint, query.prefix, after)) {
      if (query.expired && known.expires > now) continue;
      if (query.olderThanMs !== null && known.at > now - query.olderThanMs) continue;
      if (messages.length >= query.limit) {
        const last = messages.at(-1);
        return { messages, next: last ? `${last.endpoint}/${last.messageId}` : null };
      }
      messages.push(known);
    }
  }
  return { messages, next: null };
}

/** The endpoints that are still to come, the first of them behind the id where the page before ended. */
function startingAt(operation: Operation, { endpoints, after }: KnownQuery) {
  const chosen =
    endpoints.length === 0
      ? operation.endpoints
      : endpoints.map((name) => operation.endpoint(name));
  const slash = after?.indexOf('/') ?? -1;
  const name = after?.slice(0, slash);
  const from = chosen.findIndex((endpoint) => endpoint.name === name);
  if (from < 0) return chosen.map((endpoint) => ({ endpoint, after: null }));
  const id = after?.slice(slash + 1) ?? null;
  return chosen
    .slice(from)
    .map((endpoint, index) => ({ endpoint, after: index === 0 ? id : null }));
}

async function* knownAt(
  operation: Operation,
  endpoint: OperatedEndpoint,
  prefix: string,
  after: string | null,
): AsyncIterable<KnownMessage> {
  for (let from = after; ; ) {
    const query = { prefix, after: from, limit: pageSize };
    const { found, last, isLast } = await pageOf(operation, endpoint, query);
    yield* found;
    if (isLast || last === null) return;
    from = last;
  }
}

interface Rows {
  readonly found: readonly KnownMessage[];
  /** Id of the page's last row, shown or not. */
  readonly last: string | null;
  readonly isLast: boolean;
}

async function pageOf(
  { profile }: Operation,
  { name, protocol, upkeep }: OperatedEndpoint,
  query: { readonly prefix: string; readonly after: string | null; readonly limit: number },
): Promise<Rows> {
  if (protocol.name === 'dedupe-store' || protocol.recognisesBy === 'transaction') {
    const kind = protocol.name === 'dedupe-store' ? 'record' : 'entered';
    const records = await upkeep.dedupe.records(name, query);
    return {
      found: records.map(({ messageId, record }) => ({
        ...{ endpoint: name, messageId, kind, ...record },
      })),
      last: records.at(-1)?.messageId ?? null,
      isLast: records.length < query.limit,
    };
  }
  if (protocol.recognisesBy !== 'id') return { found: [], last: null, isLast: true };
  const { retentionMs } = profile.deployment;
  const entries = await upkeep.business.entries(name, query);
  const dispatched = entries.filter(({ step }) => step === 'dispatched');
  return {
    found: dispatched.map(({ messageId, worker, committedAt, dispatchedAt }) => {
      const at = dispatchedAt ?? committedAt;
      return {
        endpoint: name,
        messageId,
        kind: 'entry',
        by: worker,
        at,
        expires: at + retentionMs,
      };
    }),
    last: entries.at(-1)?.messageId ?? null,
    isLast: entries.length < query.limit,
  };
}

/** The dedupe record of exactly this message; null when there is none. */
export async function exactRecord(
  { name, upkeep }: OperatedEndpoint,
  messageId: string,
): Promise<DedupeRecord | null> {
  const page = { prefix: messageId, after: null, limit: 1 };
  const [found] = await upkeep.dedupe.records(name, page);
  return found?.messageId === messageId ? found.record : null;
}

/** The one message that is meant. Errors: `usage`, `ambiguous`; `not-found` when no record knows it. */
export async function knownMessage(operation: Operation, wanted: string): Promise<KnownMessage> {
  checkPrefix(wanted);
  const query = { endpoints: [], prefix: wanted, olderThanMs: null, expired: false };
  const { messages } = await findKnown(operation, { ...query, limit: 20, after: null });
  const ids = [...new Set(messages.map(({ messageId }) => messageId))];
  const found = ids.length > 0 && messages.find((one) => one.messageId === uniqueId(wanted, ids));
  if (found) return found;
  throw new OncectlError('not-found', `no record is kept of a message "${wanted}"`, {
    about: wanted,
    hint: `oncectl dedupe check ${wanted} tells what would happen to a copy all the same`,
  });
}
