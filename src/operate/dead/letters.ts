/**
 * The dead letters of a deployment: paged through as the brokers list them, or found by their ids. What
 * is kept of each is its head; bodies are read when one letter is shown, exported or edited.
 */
import { OncectlError } from '../../engine/errors.js';
import type { MessageHeaders } from '../../engine/message.js';
import type { DeadLetter } from '../../engine/ports.js';
import type { Count } from '../../engine/upkeep.js';
import { checkPrefix, uniqueId } from '../ids.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { normalisedError } from './normalise.js';

/** A dead letter without its body. */
export interface DeadHead {
  readonly endpoint: string;
  readonly messageId: string;
  readonly type: string;
  readonly key: string;
  readonly headers: MessageHeaders;
  /** Names this death: a letter that was retried and died again has another. */
  readonly receipt: string;
  /** Milliseconds since the epoch. */
  readonly deadAt: number;
  readonly receives: number;
  /** Text of the last failure; null when none was kept. */
  readonly error: string | null;
  /** The error without what differs from message to message. */
  readonly group: string;
  /** How many failures were kept. */
  readonly failures: number;
  /** Worker of the last failure. */
  readonly worker: string | null;
}

export interface DeadFilter {
  /** Empty: all. */
  readonly endpoints: readonly string[];
  /** Part of the last failure's text; null for all. */
  readonly error: string | null;
  /** A whole normalised error (`withWholeGroup`); null for all. */
  readonly group: string | null;
  /** Only what died so long ago, ms. */
  readonly olderThanMs: number;
}

export interface DeadPage {
  readonly letters: readonly DeadHead[];
  /** Pass it as `after`; null on the last page. */
  readonly next: string | null;
  readonly total: Count;
  readonly coverage: readonly Coverage[];
}

/** So many are looked at by one command; what lies beyond is told of, never silently left out. */
export const lookAtMost = 100_000;
const pageSize = 100;

/** Head of a letter as a broker lists it. */
export function headOf({ message, receipt, receives, deadAt, failures }: DeadLetter): DeadHead {
  const last = failures.at(-1);
  return {
    endpoint: message.endpoint,
    messageId: message.id,
    ...{ type: message.type, key: message.key, headers: message.headers },
    ...{ receipt, deadAt, receives },
    error: last?.error ?? null,
    group: normalisedError(last?.error ?? null),
    failures: failures.length,
    worker: last?.worker ?? null,
  };
}

/** Every dead letter of the endpoint behind `after`, as its broker lists them. */
export async function* eachLetter(
  { name, ports }: Pick<OperatedEndpoint, 'name' | 'ports'>,
  after: string | null = null,
): AsyncIterable<DeadLetter> {
  for (let last = after; ; ) {
    const page = await ports.broker.listDead(name, last, pageSize);
    yield* page;
    const end = page.at(-1);
    if (!end || page.length < pageSize) return;
    last = end.receipt;
  }
}

/** The endpoints that a filter names. Refuses (`usage`) one that is not there. */
function chosenEndpoints(
  operation: Operation,
  names: readonly string[],
): readonly OperatedEndpoint[] {
  if (names.length === 0) return operation.endpoints;
  return names.map((name) => operation.endpoint(name));
}

/** A page in the order of endpoints and, within one, of its broker. Errors: `usage`, the stores'. */
export async function pageOfDead(
  operation: Operation,
  filter: DeadFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<DeadPage> {
  const endpoints = chosenEndpoints(operation, filter.endpoints);
  const from = after === null ? null : cursorOf(after);
  const behind =
    from === null ? endpoints : endpoints.slice(endpoints.findIndex(isNamed(from.endpoint)));
  const accepts = acceptorOf(filter, Date.now());
  const letters: DeadHead[] = [];
  let isMore = false;
  for (const endpoint of behind) {
    const start = from?.endpoint === endpoint.name ? from.receipt : null;
    for await (const letter of eachLetter(endpoint, start)) {
      const head = headOf(letter);
      if (!accepts(head)) continue;
      isMore = letters.length === limit;
      if (isMore) break;
      letters.push(head);
    }
    if (isMore) break;
  }
  const last = letters.at(-1);
  const total =
    isEverything(filter) || isMore || after !== null
      ? await countDead(endpoints, filter)
      : { count: letters.length, exact: true };
  return {
    letters,
    next: isMore && last ? cursorText(last) : null,
    total,
    coverage: coverageOf(endpoints),
  };
}

/** All that match, up to `lookAtMost` letters looked at. */
export async function allDead(
  operation: Operation,
  filter: DeadFilter,
): Promise<{
  readonly letters: readonly DeadHead[];
  /** False: there are more than were looked at. */
  readonly exact: boolean;
  readonly coverage: readonly Coverage[];
}> {
  const endpoints = chosenEndpoints(operation, filter.endpoints);
  const letters: DeadHead[] = [];
  const exact = await look(endpoints, filter, (head) => letters.push(head));
  return { letters, exact, coverage: coverageOf(endpoints) };
}

/**
 * The letters with these ids, given whole or by 6 or more characters that only one begins with; every
 * death of each. Errors: `not-found`, `ambiguous`, `usage`.
 */
export async function namedDead(
  operation: Operation,
  ids: readonly string[],
  names: readonly string[] = [],
): Promise<readonly DeadHead[]> {
  const endpoints = chosenEndpoints(operation, names);
  const found: DeadHead[] = [];
  for (const wanted of new Set(ids)) {
    checkPrefix(wanted);
    const letters = (await Promise.all(endpoints.map((one) => lettersOf(one, wanted)))).flat();
    if (letters.length === 0) {
      throw new OncectlError('not-found', `no dead letter has the id "${wanted}"`, {
        about: wanted,
        hint: `oncectl inspect ${wanted} tells where the message is; oncectl dead list shows the dead ones`,
      });
    }
    const id = uniqueId(wanted, [...new Set(letters.map(({ message }) => message.id))]);
    found.push(...letters.filter(({ message }) => message.id === id).map(headOf));
  }
  const isNew = ({ endpoint, receipt }: DeadHead, at: number) =>
    found.findIndex((one) => one.endpoint === endpoint && one.receipt === receipt) === at;
  return found.filter(isNew);
}

const enough = 200;

/** The dead letters of one endpoint, whole, whose message id begins with `prefix`. */
export async function lettersOf(
  endpoint: OperatedEndpoint,
  prefix: string,
): Promise<readonly DeadLetter[]> {
  const { broker } = endpoint.upkeep;
  if (broker.searching === 'receives') {
    const found: DeadLetter[] = [];
    for await (const letter of eachLetter(endpoint)) {
      if (letter.message.id.startsWith(prefix)) found.push(letter);
    }
    return found;
  }
  const copies = await broker.copies([endpoint.name], prefix, enough);
  return copies
    .filter(({ state }) => state === 'dead')
    .map(({ message, receipt, receives, failures, at }) => {
      return { message, receipt, receives, failures, deadAt: at };
    });
}

/** Those of `letters` that the filter takes; for letters that were found by their ids. */
export function onlyMatching(letters: readonly DeadHead[], filter: DeadFilter): DeadHead[] {
  return letters.filter(acceptorOf(filter, Date.now()));
}

/** What could not be looked at, and what looking cost. */
export function coverageOf(endpoints: readonly OperatedEndpoint[]): readonly Coverage[] {
  return endpoints
    .filter(({ upkeep }) => upkeep.broker.searching === 'receives')
    .map(({ name }) => ({
      endpoint: name,
      store: 'broker',
      searched: true,
      why: 'its dead letters were received and put back: those that somebody else looks at now are missing',
    }));
}

/** Every letter that the filter takes; resolves with whether all were looked at. */
async function look(
  endpoints: readonly OperatedEndpoint[],
  filter: DeadFilter,
  visit: (head: DeadHead) => void,
): Promise<boolean> {
  const accepts = acceptorOf(filter, Date.now());
  let looked = 0;
  for (const endpoint of endpoints) {
    for await (const letter of eachLetter(endpoint)) {
      if (looked++ >= lookAtMost) return false;
      const head = headOf(letter);
      if (accepts(head)) visit(head);
    }
  }
  return true;
}

/** Without a filter the brokers' own figures, which need no listing. */
async function countDead(
  endpoints: readonly OperatedEndpoint[],
  filter: DeadFilter,
): Promise<Count> {
  if (isEverything(filter)) {
    const depths = await Promise.all(endpoints.map(({ name, ports }) => ports.broker.depth(name)));
    return { count: depths.reduce((sum, { dead }) => sum + dead, 0), exact: true };
  }
  let count = 0;
  const exact = await look(endpoints, filter, () => count++);
  return { count, exact };
}

function isEverything({ error, group, olderThanMs }: DeadFilter): boolean {
  return error === null && group === null && olderThanMs === 0;
}

function acceptorOf({ error, group, olderThanMs }: DeadFilter, now: number) {
  return (head: DeadHead): boolean =>
    head.deadAt <= now - olderThanMs &&
    (error === null || (head.error ?? '').includes(error)) &&
    (group === null || head.group === group);
}

function isNamed(name: string) {
  return (endpoint: OperatedEndpoint): boolean => endpoint.name === name;
}

function cursorText({ endpoint, receipt }: DeadHead): string {
  return Buffer.from(JSON.stringify([endpoint, receipt])).toString('base64url');
}

function cursorOf(text: string): { readonly endpoint: string; readonly receipt: string } {
  try {
    const [endpoint, receipt] = JSON.parse(Buffer.from(text, 'base64url').toString()) as string[];
    if (typeof endpoint === 'string' && typeof receipt === 'string') return { endpoint, receipt };
  } catch {
    // Told of below.
  }
  throw new OncectlError('usage', 'this is no cursor of dead list', {
    about: '--cursor',
    hint: 'take page.next of --json',
  });
}
