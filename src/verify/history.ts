/** Invariants I2 to I5, judged at the moment of a commit or an arrival (design, section 4). */
import type { Outcome } from '../engine/effects.js';
import type { Message } from '../engine/message.js';
import { asText, type Committed, type History, sorted, withId } from './values.js';

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'progress';

export interface Violation {
  readonly invariant: Invariant;
  readonly text: string;
}

export interface Judged {
  readonly history: History;
  readonly violation: Violation | null;
}

export const emptyHistory: History = { commits: {}, arrived: {}, applied: [], named: [] };

/** The state of an entity, and the transaction that wrote it. */
interface Seen {
  readonly state: string;
  readonly transaction: string | null;
}

/** A commit takes place: `seen` is what its handler had before it, `found` what it replaces. */
export function committed(
  history: History,
  message: Message,
  outcome: Outcome,
  seen: Seen,
  found: Seen,
): Judged {
  const name = `${message.endpoint}/${message.id}`;
  const earlier = history.commits[name];
  const commit: Committed = {
    transaction: outcome.transaction,
    outgoing: Object.fromEntries(outcome.messages.map(({ id, body }) => [id, asText(body)])),
  };
  const after = { ...history, commits: sorted({ ...history.commits, [name]: commit }) };
  if (earlier) {
    const text = `${message.id} was applied twice at ${message.endpoint}: by ${earlier.transaction} and by ${commit.transaction}`;
    return { history: after, violation: { invariant: 'I2', text } };
  }
  if (seen.transaction !== found.transaction) {
    const text = `the entity forks: ${commit.transaction} follows ${seen.transaction ?? 'nothing'} and replaces ${found.transaction}`;
    return { history: after, violation: { invariant: 'I2', text } };
  }
  if (seen.state !== found.state) {
    const text = `${commit.transaction} was computed from the state "${seen.state}" and overwrites "${found.state}"`;
    return { history: after, violation: { invariant: 'I5', text } };
  }
  return { history: after, violation: null };
}

/** A message leaves: it must stand in a durable commit, as it is. */
export function leaked(history: History, message: Message): Violation | null {
  const { transaction = '' } = message.headers;
  const origins = Object.values(history.commits).filter(({ outgoing }) => message.id in outgoing);
  const origin = origins.find((commit) => commit.transaction === transaction);
  if (!origin) {
    const text = `${message.id} of transaction ${transaction} was sent, and no durable commit says so`;
    return { invariant: 'I3', text };
  }
  const body = origin.outgoing[message.id];
  if (message.headers.payload || body === asText(message.body)) return null;
  const text = `${message.id} was sent as "${asText(message.body)}"; committed was "${body}"`;
  return { invariant: 'I4', text };
}

export const inline = 'inline';

/** A message reaches the sink's queue: from there it may be delivered any number of times. */
export function arrivedAtSink(history: History, message: Message): History {
  const how = message.headers.payload?.id ?? inline;
  const known = history.arrived[message.id] ?? [];
  return { ...history, arrived: sorted({ ...history.arrived, [message.id]: withId(known, how) }) };
}

/** A message leaves for another endpoint under test. */
export function sentOn(history: History, message: Message): History {
  const token = message.headers.payload?.id;
  return token ? { ...history, named: withId(history.named, token) } : history;
}

/** The sink takes a message by its token, whose body is `body`. */
export function takenBySink(history: History, id: string, body: string): Judged {
  const after = { ...history, applied: withId(history.applied, id) };
  if (history.applied.includes(id)) {
    const text = `the receiver of ${id} finds a token of it a second time, and applies it twice`;
    return { history: after, violation: { invariant: 'I2', text } };
  }
  const origin = Object.values(history.commits).find(({ outgoing }) => id in outgoing);
  if (origin && origin.outgoing[id] === body) return { history: after, violation: null };
  const text = `${id} was taken as "${body}"; committed was "${origin?.outgoing[id]}"`;
  return { history: after, violation: { invariant: 'I4', text } };
}

/** After a commit was taken back: a message that has arrived and stands in no commit any more. */
export function unfounded(history: History): Violation | null {
  for (const id of Object.keys(history.arrived)) {
    if (Object.values(history.commits).some(({ outgoing }) => id in outgoing)) continue;
    return { invariant: 'I3', text: `${id} was sent, and the commit that says so is lost` };
  }
  return null;
}
