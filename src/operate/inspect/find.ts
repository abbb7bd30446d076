/** Finds the message that somebody means by a whole id or a unique prefix, over all endpoints. */
import { OncectlError } from '../../engine/errors.js';
import type { QueuedCopy } from '../../engine/upkeep.js';
import { checkPrefix, uniqueId } from '../ids.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { messagesOf, registeredEntities } from '../registered.js';

export interface Found {
  readonly messageId: string;
  /** Name of the endpoint that it is for. */
  readonly endpoint: string;
  readonly copies: readonly QueuedCopy[];
  readonly coverage: readonly Coverage[];
}

const enough = 20;

/**
 * Reads only, unless `peek`: then brokers that show their messages only to who receives them are
 * received from, and the messages put back. Errors: `usage`, `not-found` (saying what was not looked
 * at), `ambiguous` with the candidates.
 */
export async function findMessage(
  operation: Operation,
  wanted: string,
  peek: boolean,
): Promise<Found> {
  checkPrefix(wanted);
  const queues = operation.queues.filter(({ broker }) => broker.searching === 'reads' || peek);
  const blind = operation.queues.filter(({ broker }) => broker.searching === 'receives' && !peek);
  const [copies, kept] = await Promise.all([
    Promise.all(queues.map(({ broker, names }) => broker.copies(names, wanted, enough))),
    Promise.all(operation.endpoints.map((endpoint) => idsKeptBy(endpoint, wanted))),
  ]);
  const found = [
    ...copies.flat().map(({ message: { endpoint, id } }) => ({ endpoint, id })),
    ...kept.flat(),
  ];
  const coverage = blind.flatMap(({ names }) => names.map(unsearched));
  const ids = [...new Set(found.map(({ id }) => id))];
  if (ids.length === 0) throw nowhere(wanted, coverage);
  const messageId = uniqueId(wanted, ids);
  const endpoint = found.find(({ id }) => id === messageId)?.endpoint ?? '';
  return {
    messageId,
    endpoint,
    copies: copies.flat().filter(({ message }) => message.id === messageId),
    coverage,
  };
}

/** Ids in entries, slots and dedupe records of one endpoint. */
async function idsKeptBy(
  { name, upkeep, protocol }: OperatedEndpoint,
  prefix: string,
): Promise<readonly { readonly endpoint: string; readonly id: string }[]> {
  const page = { prefix, after: null, limit: enough };
  const [entries, records, slots] = await Promise.all([
    upkeep.business.entries(name, page),
    protocol.recognisesBy === 'token' ? [] : upkeep.dedupe.records(name, page),
    protocol.name === 'register-commit-publish' ? idsInSlots(upkeep, name, prefix) : [],
  ]);
  return [
    ...entries.map(({ messageId }) => ({ endpoint: name, id: messageId })),
    ...records.map(({ messageId }) => ({ endpoint: name, id: messageId })),
    ...slots.map((id) => ({ endpoint: name, id })),
  ];
}

async function idsInSlots(
  { business }: OperatedEndpoint['upkeep'],
  name: string,
  prefix: string,
): Promise<string[]> {
  const ids = new Set<string>();
  for await (const entity of registeredEntities(business, name)) {
    for (const id of messagesOf(entity)) if (id.startsWith(prefix)) ids.add(id);
  }
  return [...ids];
}

function unsearched(endpoint: string): Coverage {
  return {
    endpoint,
    store: 'broker',
    searched: false,
    why: 'this broker shows its messages only to who receives them; --peek does, and puts them back',
  };
}

function nowhere(wanted: string, coverage: readonly Coverage[]): OncectlError {
  const [first] = coverage;
  const notLooked =
    first === undefined
      ? 'every queue, dead letter, entry and dedupe record was looked at; a message that was handled and forgotten leaves nothing'
      : `the queues of ${coverage.length} endpoints were not looked at: --peek receives them`;
  return new OncectlError('not-found', `no message "${wanted}" is here`, {
    about: wanted,
    hint: notLooked,
  });
}
